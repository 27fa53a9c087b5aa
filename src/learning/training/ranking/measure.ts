import type { Dataset } from '../../../stream/samples/index.ts'
import { type ItemFacts, type RankerArtifact, RankingScorer, type ScoreRequest } from '../../models/index.ts'
import type { Measurements } from '../../registry/index.ts'
import { processorP99 } from '../processor-time.ts'
import { gaucDifference, scoredBy, scoredByRows } from './compare.ts'
import type { RankingRun } from './train.ts'

export interface MeasureOptions {
  readonly samples: Dataset
  readonly facts: ItemFacts
  /** The live version, to be held against; without one, `baseline`. */
  readonly live?: { readonly name: string; readonly artifact: RankerArtifact }
  /** What orders without a model. */
  readonly baseline: Baseline
  /** Milliseconds of processor time so far. Default: of this process. */
  readonly cpuMs?: () => number
  readonly threads?: number
}

/** An order by feature columns alone, to be held against where no version is live. */
export interface Baseline {
  readonly name: string
  /** A score per row of [n x columns of the samples]. */
  readonly score: (features: Float32Array) => Float32Array
}

const CANDIDATES = 200
const RUNS = 100
/** Requests whose offline and online scores are held against each other. */
const PARITY_REQUESTS = 100

/** What the gates ask about a fresh ranking model, but for the drift of its features. */
export async function measureRanker(run: RankingRun, options: MeasureOptions): Promise<Omit<Measurements, 'drift'>> {
  const { samples, facts, live, baseline, cpuMs, threads = 1 } = options
  const { criterion } = run.config
  const head = run.test.heads.indexOf(criterion.head)
  const metrics = run.metrics[criterion.head]
  const scorer = await RankingScorer.open(run.artifact, facts, { threads })
  const busy = requestOf(samples)
  try {
    const other = live
      ? await logitsOf(live.artifact, samples, facts, run.split.test, criterion.head, threads)
      : scoredByRows(samples, run.split.test, baseline.score)
    return {
      data: run.report.checks,
      offline: {
        metric: `gauc of ${criterion.head}`,
        better: 'higher',
        value: metrics?.gauc?.value ?? Number.NaN,
        against: live?.name ?? baseline.name,
        difference: gaucDifference(run.test, head, other),
      },
      calibration: { ece: metrics?.ece?.value ?? Number.NaN },
      latency: { p99: await processorP99(RUNS, () => scorer.score(busy), cpuMs), candidates: CANDIDATES },
      parity: await parity(run, scorer, samples),
    }
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
