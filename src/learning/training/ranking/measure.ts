import type { Dataset } from '../../../stream/samples/index.ts'
import { type ItemFacts, type RankerArtifact, RankingScorer, type ScoreRequest } from '../../models/index.ts'
import type { Estimate } from '../../../judging/metrics/index.ts'
import type { Measurements } from '../../registry/index.ts'
import { processorP99 } from '../processor-time.ts'
import { flatFigures } from '../figures.ts'
import { gaucDifference, scoredBy } from './compare.ts'
import { orderMetrics } from './metrics.ts'
import { plainRivals, type Rival, scoresBy } from './rivals.ts'
import type { RankingRun } from './train.ts'

export interface MeasureOptions {
  readonly samples: Dataset
  readonly facts: ItemFacts
  /** The live version, to be held against; without one, `baseline`. */
  readonly live?: { readonly name: string; readonly artifact: RankerArtifact }
  /** What orders without a model. */
  readonly baseline: Rival
  /** Milliseconds of processor time so far. Default: of this process. */
  readonly cpuMs?: () => number
  readonly threads?: number
}

export interface Measured {
  /** What the gates ask, but for the drift of the features. */
  readonly measurements: Omit<Measurements, 'drift'>
  /** Of those it is measured beside, over the same requests: `gauc of NAME`, `ndcg@10 of NAME`, with their intervals. */
  readonly figures: Record<string, number>
}

const CANDIDATES = 200
const RUNS = 100
/** Requests whose offline and online scores are held against each other. */
const PARITY_REQUESTS = 100

/** Holds a fresh ranking model against what serves, what orders without a model, and what the gates ask. */
export async function measureRanker(run: RankingRun, options: MeasureOptions): Promise<Measured> {
  const { samples, facts, live, baseline, cpuMs, threads = 1 } = options
  const { criterion } = run.config
  const head = run.test.heads.indexOf(criterion.head)
  const metrics = run.metrics[criterion.head]
  const scorer = await RankingScorer.open(run.artifact, facts, { threads })
  const busy = requestOf(samples)
  try {
    const { test, train } = run.split
    const rivals: Record<string, Float32Array> = Object.fromEntries(
      [...plainRivals(samples, train), baseline].map((rival) => [rival.name, scoresBy(rival, samples, test)]),
    )
    if (live) rivals[live.name] = await logitsOf(live.artifact, samples, facts, test, criterion.head, threads)
    const against = live?.name ?? baseline.name
    const orders = Object.entries(rivals).map(([name, scores]) => [name, orderMetrics(run.test, head, scores)] as const)
    const measurements = {
      data: run.report.checks,
      offline: {
        metric: `gauc of ${criterion.head}`,
        better: 'higher' as const,
        value: metrics?.gauc?.value ?? Number.NaN,
        against,
        renews: live !== undefined,
        ...gaucDifference(run.test, head, rivals[against] as Float32Array),
        beside: orders.flatMap(([name, { gauc }]) => (name === against || !gauc ? [] : [{ name, value: gauc.value }])),
      },
      calibration: calibrationOf(metrics?.ece ?? null),
      latency: { p99: await processorP99(RUNS, () => scorer.score(busy), cpuMs), candidates: CANDIDATES },
      parity: await parity(run, scorer, samples),
    }
    const figures = orders.flatMap(([name, order]) =>
      Object.entries(order).map(([figure, value]) => [`${figure} of ${name}`, value] as const),
    )
    return { measurements, figures: flatFigures(Object.fromEntries(figures)) }
  } finally {
    await scorer.close()
  }
}

/** [n] one head's logits by a model that serves. */
async function logitsOf(
  artifact: RankerArtifact,
  samples: Dataset,
  facts: ItemFacts,
  requestNumbers: Uint32Array,
  head: string,
  threads: number,
): Promise<Float32Array> {
  const scorer = await RankingScorer.open(artifact, facts, { threads })
  const { heads } = scorer.manifest.spec
  const place = heads.indexOf(head)
  const all = await scoredBy(scorer, samples, requestNumbers)
  await scorer.close()
  return Float32Array.from({ length: all.length / heads.length }, (_, i) => all[i * heads.length + place])
}

function calibrationOf(ece: Estimate | null): NonNullable<Measurements['calibration']> {
  return { ece: ece?.value ?? Number.NaN, ...(ece?.low != null && { low: ece.low }) }
}

/** A logged request with its candidates repeated until there are enough. */
function requestOf(samples: Dataset): ScoreRequest {
  const { user, at, surface, history, items, features } = samples.request(samples.requests - 1)
  const width = samples.width
  const candidates = Array.from({ length: CANDIDATES }, (_, i) => items[i % items.length])
  const values = new Float32Array(CANDIDATES * width)
  for (let i = 0; i < CANDIDATES; i++) {
    const from = (i % items.length) * width
    values.set(features.subarray(from, from + width), i * width)
  }
  return { user, at, surface, history, candidates, features: values }
}

/** The first test requests, scored in batches for the judgement, and one by one as serving does. */
async function parity({ split, test }: RankingRun, scorer: RankingScorer, samples: Dataset) {
  const online = await scoredBy(scorer, samples, split.test.subarray(0, PARITY_REQUESTS))
  const difference = online.reduce((most, logit, i) => Math.max(most, Math.abs(logit - test.logits[i])), 0)
  return { difference, rows: online.length / test.heads.length }
}
