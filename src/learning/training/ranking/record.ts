import { flatFigures } from '../figures.ts'
import type { HeadMetrics } from './metrics.ts'
import type { RankingRun } from './train.ts'
import type { RankingProgress } from './training.ts'

/** One line of a run's record: what was reported while it ran. */
export function progressLine(progress: RankingProgress): string {
  const { metrics, ...rest } = progress
  return JSON.stringify({ kind: 'progress', ...rest, ...(metrics && { metrics: flatMetrics(metrics) }) })
}

/** The last line: what came of it. */
export function runLine({ artifact, config, metrics, examples, bestEpoch, done, seconds }: RankingRun): string {
  const { name, specDigest } = artifact.manifest
  const flat = flatMetrics(metrics)
  return JSON.stringify({ kind: 'run', name, specDigest, config, metrics: flat, examples, bestEpoch, done, seconds })
}

/**
 * Figures by name, for records and manifests: `click.auc`, `click.ndcg@10` ...; ends of intervals as `click.auc.low` and
 * `click.auc.high`. A figure without a value is left out.
 */
export function flatMetrics(metrics: Readonly<Record<string, HeadMetrics>>): Record<string, number> {
  const flat: Record<string, number> = {}
  for (const [head, figures] of Object.entries(metrics))
    for (const [name, value] of Object.entries(flatFigures({ ...figures }))) flat[`${head}.${name}`] = value
  return flat
}

const WIDTH = 640
const HEIGHT = 240
const MARGIN = 40

/** The losses of a run over its steps as a drawing (SVG), from the lines of its record. */
export function lossPlot(lines: Iterable<string>): string {
  const points: { step: number; loss: number; validation: boolean }[] = []
  for (const line of lines) {
    if (line === '') continue
    const { kind, step, loss, phase, metrics } = JSON.parse(line) as Record<string, unknown>
    if (kind !== 'progress') continue
    points.push({ step: step as number, loss: loss as number, validation: false })
    const own = phase === 'validate' ? (metrics as Record<string, number> | undefined)?.['click.logloss'] : undefined
    if (own !== undefined) points.push({ step: step as number, loss: own, validation: true })
  }
  const steps = points.reduce((most, { step }) => Math.max(most, step), 1)
  const high = points.reduce((most, { loss }) => Math.max(most, loss), 0) || 1
  const x = (step: number) => (MARGIN + ((WIDTH - 2 * MARGIN) * step) / steps).toFixed(1)
  const y = (loss: number) => (HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * loss) / high).toFixed(1)
  const line = points.filter(({ validation }) => !validation).map(({ step, loss }) => `${x(step)},${y(loss)}`)
  const dots = points
    .filter(({ validation }) => validation)
    .map((p) => `<circle cx="${x(p.step)}" cy="${y(p.loss)}" r="4"/>`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>Loss over steps; dots: validation loss of clicks</title>`,
    `<text x="${MARGIN}" y="20">loss, 0 to ${high.toPrecision(3)}</text>`,
    `<text x="${WIDTH - MARGIN}" y="${HEIGHT - 12}" text-anchor="end">${steps} steps</text>`,
    `<path d="M${MARGIN} ${MARGIN}V${HEIGHT - MARGIN}H${WIDTH - MARGIN}" fill="none" stroke="gray"/>`,
    `<polyline points="${line.join(' ')}" fill="none" stroke="currentColor"/>`,
    ...dots,
    '</svg>',
    '',
  ].join('\n')
}
