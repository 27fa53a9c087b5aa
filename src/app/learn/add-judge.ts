import { Random } from '../../foundation/base/index.ts'
import type { HeadScorer, ScoreRequest } from '../../learning/models/index.ts'
import { type GateLimits, runGates, type Verdict } from '../../learning/registry/index.ts'
import { processorP99 } from '../../learning/training/index.ts'

/** Candidates of a probe: as many as a slate ranks. */
const CANDIDATES = 200
const RUNS = 100
/** Rates and shares, counts and ages: features are of these sizes. */
const MAGNITUDES = [1, 1000] as const
const UNKNOWN = 'it was trained outside, on samples that are not known here'

/**
 * The verdicts on a model from outside: the time to score, and that a candidate's score is the same whoever stands beside it.
 * What takes the samples is waived, in words. @throws SluiceError ERR_MODEL_RUN when it gives what is no probability
 */
export async function judgeExternal(scorer: HeadScorer, width: number, limits: GateLimits): Promise<Verdict[]> {
  const probes = [probe(width, 0), ...MAGNITUDES.map((magnitude) => probe(width, magnitude))]
  for (const one of probes) await scorer.score(one)
  await scorer.score({ ...(probes[0] as ScoreRequest), missing: 2 ** 32 - 1 })
  const busy = probes.at(-2) as ScoreRequest
  const p99 = await processorP99(RUNS, () => scorer.score(busy))
  const waived = { data: UNKNOWN, drift: UNKNOWN, offline: UNKNOWN, calibration: UNKNOWN }
  return runGates(
    {
      latency: { p99, candidates: CANDIDATES },
      parity: { difference: await aloneOrTogether(scorer, busy, width), rows: CANDIDATES },
    },
    { ...limits, waived },
  )
}

function probe(width: number, magnitude: number): ScoreRequest {
  const random = new Random(`probe ${magnitude}`)
  return requestOf(
    Float32Array.from({ length: CANDIDATES * width }, () => magnitude * random.next()),
    CANDIDATES,
  )
}

function requestOf(features: Float32Array, count: number): ScoreRequest {
  return {
    ...{ user: -1, at: 0, surface: 0, features },
    history: { items: [], ago: [], kinds: [], completions: [] },
    candidates: new Int32Array(count).fill(-1),
  }
}

/** The greatest difference between scores of candidates one by one and all in one call. */
async function aloneOrTogether(scorer: HeadScorer, { features }: ScoreRequest, width: number): Promise<number> {
  const heads = scorer.manifest.spec.heads.length
  const together = await scorer.score(requestOf(features, CANDIDATES))
  let most = 0
  for (let i = 0; i < CANDIDATES; i++) {
    const alone = await scorer.score(requestOf(features.subarray(i * width, (i + 1) * width), 1))
    for (let h = 0; h < heads; h++) most = Math.max(most, Math.abs(alone[h] - together[i * heads + h]))
  }
  return most
}
