import type { Trial } from '../sweep/index.ts'
import { type Chart, page } from './plot.ts'
import type { RunRecord } from './record.ts'

/** A training as a page: its loss, and every metric of its validations in a chart of its own. */
export function runPage(name: string, { points, end }: RunRecord): string {
  const loss: Chart = {
    ...{ title: 'loss', x: 'step' },
    series: [
      {
        name: 'training',
        points: points.filter(({ phase }) => phase === 'train').map(({ step, loss }) => [step, loss]),
      },
    ],
  }
  const validations = points.filter(({ metrics }) => metrics !== undefined)
  const names = [...new Set(validations.flatMap(({ metrics = {} }) => Object.keys(metrics)))].filter(
    (metric) => !/\.(low|high)$/.test(metric),
  )
  const charts = names.map((metric): Chart => {
    const series = ['', '.low', '.high'].map((end) => ({
      name: `${metric}${end}`,
      points: validations.flatMap(({ step, metrics = {} }): [number, number][] => {
        const value = metrics[`${metric}${end}`]
        return value === undefined ? [] : [[step, value]]
      }),
    }))
    return {
      title: `${metric} on the validation part`,
      x: 'step',
      series: series.filter((one) => one.points.length > 0),
    }
  })
  return page(name, factsOf(end), [loss, ...charts])
}

/** A sweep as a page: value by each setting that differs, a colour for each rung. */
export function sweepPage(name: string, trials: readonly Trial[]): string {
  const settings = [...new Set(trials.flatMap(({ settings }) => Object.keys(settings)))]
  const rungs = [...new Set(trials.map(({ rung }) => rung))]
  const charts = settings.map((setting): Chart => {
    const series = rungs.map((rung) => ({
      name: `rung ${rung}`,
      dots: true,
      points: trials
        .filter((trial) => trial.rung === rung && trial.value !== null)
        .map((trial): [number, number] => [Number(trial.settings[setting]), trial.value as number]),
    }))
    return { title: `value by ${setting}`, x: setting, series }
  })
  return page(name, { trials: String(trials.length) }, charts)
}

function factsOf(end: RunRecord['end']): Record<string, string> {
  if (end === undefined) return { state: 'it has not ended' }
  const { examples, bestEpoch, seconds, metrics, config } = end
  const figures = Object.entries(metrics).filter(([metric]) => !/\.(low|high)$/.test(metric))
  return {
    examples: String(examples),
    'best epoch': String(bestEpoch),
    seconds: seconds.toFixed(1),
    ...Object.fromEntries(figures.map(([metric, value]) => [metric, value.toFixed(5)])),
    configuration: JSON.stringify(config),
  }
}
