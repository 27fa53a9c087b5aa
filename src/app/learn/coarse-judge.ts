import { RankingScorer, type ScoreRequest } from '../../learning/models/index.ts'
import { type Draft, runGates, type Verdict, type GateLimits } from '../../learning/registry/index.ts'
import {
  type DistilRun,
  flatFigures,
  metricsOf as metricsOfHeads,
  predictionsBy,
  processorP99,
} from '../../learning/training/index.ts'
import { splitByTime } from '../../stream/samples/index.ts'
import type { Lesson } from './coarse-lesson.ts'
import { KEPT, REQUESTS_LEAST, SHARE_LEAST, TOP } from './coarse-limits.ts'
import { metricsOf, throughFiles } from './ranker.ts'

/** Requests held against each other for parity. */
const PARITY_REQUESTS = 10
const RUNS = 100

interface Trial {
  readonly run: DistilRun
  readonly lesson: Lesson
  /** Where its files are written. */
  readonly draft: Draft
  readonly limits: GateLimits
}

interface CoarseJudged {
  readonly metrics: Record<string, number>
  readonly gates: Verdict[]
}

/** Judges a distilled ranker, read from its files as a server reads them: who survives its cut, how fast, how equal. */
export async function judgeCoarse({ run, lesson, draft, limits }: Trial): Promise<CoarseJudged> {
  const { samples, facts } = lesson.material
  const [trained, served] = (await Promise.all(
    [run.artifact, throughFiles(draft, run.artifact)].map((one) => RankingScorer.open(one, facts)),
  )) as [RankingScorer, RankingScorer]
  try {
    const { test } = splitByTime(samples)
    const metrics = {
      ...metricsOf({
        metrics: metricsOfHeads(await predictionsBy(served, samples, test), run.artifact.manifest.calibrations),
        config: run.config,
      }),
      ...flatFigures({ kept: run.kept, cut: run.cut }),
    }
    const own = lesson.requests
      .slice(-PARITY_REQUESTS)
      .map((request) => ({ ...request, features: run.columnsOf(request) }))
    const most = own.reduce((a, b) => (b.candidates.length > a.candidates.length ? b : a))
    const gates = gatesOf(run, lesson.requests.length, limits, {
      latency: { p99: await processorP99(RUNS, () => served.score(most)), candidates: most.candidates.length },
      parity: {
        difference: await differenceOf(trained, served, own),
        rows: own.reduce((sum, { candidates }) => sum + candidates.length, 0),
      },
    })
    return { metrics, gates }
  } finally {
    await trained.close()
    await served.close()
  }
}

/** The largest difference of two scorers' logits. */
async function differenceOf(one: RankingScorer, other: RankingScorer, requests: readonly ScoreRequest[]) {
  let difference = 0
  for (const request of requests) {
    const [a, b] = [await one.logits(request), await other.logits(request)]
    difference = a.reduce((most, z, i) => Math.max(most, Math.abs(z - b[i])), difference)
  }
  return difference
}

function gatesOf(
  { kept, users }: DistilRun,
  requests: number,
  limits: GateLimits,
  measured: Pick<Parameters<typeof runGates>[0], 'latency' | 'parity'>,
): Verdict[] {
  return runGates(
    {
      ...measured,
      data: [{ check: 'requests', pass: true, value: requests, limit: REQUESTS_LEAST }],
      offline: {
        metric: `share of the fine ranker's first ${TOP} among the first ${KEPT}`,
        better: 'higher',
        value: kept?.value ?? Number.NaN,
        against: `${SHARE_LEAST} that are asked for`,
        users,
        difference: kept && {
          value: kept.value - SHARE_LEAST,
          low: kept.low === null ? null : kept.low - SHARE_LEAST,
          high: kept.high === null ? null : kept.high - SHARE_LEAST,
        },
      },
    },
    {
      ...limits,
      waived: {
        drift: 'it follows the fine ranker, whose features are judged',
        calibration: 'it chooses who is ranked; the fine ranker says how probable what is',
      },
    },
  )
}
