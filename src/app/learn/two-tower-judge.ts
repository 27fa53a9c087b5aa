import { pairedDifference } from '../../judging/metrics/index.ts'
import { type RequestFacts, TwoTowerEncoder } from '../../learning/models/index.ts'
import { type Artifact, runGates, type Verdict, type GateLimits } from '../../learning/registry/index.ts'
import {
  flatFigures,
  ItemNeighbours,
  ranksByNeighbours,
  ranksByScores,
  ranksByTowers,
  type RetrievalCases,
  type RetrievalMetrics,
  retrievalMetrics,
  type TwoTowerRun,
  worthAt,
  processorP99,
} from '../../learning/training/index.ts'
import { openTowers, type TwoTowerEntry } from '../../serving/inference/index.ts'
import type { RetrievalData } from './retrieval-data.ts'
import { besideOf, ITEM_KNN, liveOf, POPULARITY } from './rivals.ts'

/** Requests encoded for the latency gate, and how many of them, and items, are held against the trainer's. */
const PROBES = 200
const PARITY_PROBES = 20

export interface TowersJudged {
  readonly figures: Record<string, number>
  readonly gates: Verdict[]
}

interface Trial {
  readonly data: RetrievalData
  readonly run: TwoTowerRun
  readonly entry: TwoTowerEntry
  readonly live: Artifact | undefined
  readonly limits: GateLimits
  /** Where the candidate's files are. */
  readonly path: (file: string) => string
}

/** Holds trained towers, read from their files as a server reads them, against the live version, popularity and item-kNN. */
export async function judgeTowers(trial: Trial): Promise<TowersJudged> {
  const { data, run, entry, live, path } = trial
  const rivals = await rivalsRanks(trial)
  const against = live === undefined ? POPULARITY : liveOf(live)
  const others = rivals[against] as Uint32Array
  const worth = (ranks: Uint32Array) => Float64Array.from(ranks, worthAt(10))
  const figures = Object.fromEntries(
    Object.entries(rivals).map(([name, ranks]) => [name, retrievalMetrics(run.test, ranks, run.counts)]),
  )
  const served = await openTowers('two-tower/draft', entry, path, data.facts)
  try {
    const measured = await measure(trial, served)
    const users = new Set(run.test.users).size
    const finite = [...run.artifact.users, ...run.artifact.items].length > 0 && measured.finite
    return {
      figures: flatFigures(
        Object.fromEntries(
          Object.entries(figures).flatMap(([name, one]) => [
            [`ndcg@10 of ${name}`, one['ndcg@10']],
            [`recall@100 of ${name}`, one['recall@100']],
          ]),
        ),
      ),
      gates: runGates(
        {
          data: [
            { check: 'users asked', pass: users > 0, value: users, limit: 1 },
            { check: 'vectors are numbers', pass: finite, value: String(finite), limit: 'true' },
          ],
          offline: {
            metric: 'ndcg@10',
            better: 'higher',
            value: run.metrics['ndcg@10']?.value ?? Number.NaN,
            against,
            difference: pairedDifference(worth(run.ranks), worth(others)),
            users,
            renews: live !== undefined,
            beside: besideOf(against, (name) => figures[name]?.['ndcg@10']?.value),
          },
          latency: { p99: measured.p99, candidates: 1 },
          parity: { difference: measured.difference, rows: measured.rows },
        },
        {
          ...trial.limits,
          waived: {
            drift: 'it reads histories, no feature columns',
            calibration: 'it orders items and gives no probabilities',
          },
        },
      ),
    }
  } finally {
    await served.close()
  }
}

/** Figures by the names that records and manifests know them by, with their intervals. */
export function retrievalFigures(metrics: RetrievalMetrics): Record<string, number> {
  const { headRecall100, tailRecall100, newRecall100, ...named } = metrics
  return flatFigures({
    ...named,
    'head.recall@100': headRecall100,
    'tail.recall@100': tailRecall100,
    'new.recall@100': newRecall100,
  })
}

/** Ranks of the same cases by how many users consumed an item, by what is consumed together, and by the live version. */
async function rivalsRanks({ data, run, live }: Trial): Promise<Readonly<Record<string, Uint32Array>>> {
  const neighbours = new ItemNeighbours(data.state.items.size, data.baskets)
  return {
    [POPULARITY]: ranksByScores(run.test, data.catalogue, (item) => run.counts[item] ?? 0),
    [ITEM_KNN]: ranksByNeighbours(neighbours, run.test, data.catalogue),
    ...(live && { [liveOf(live)]: await liveRanks(data, run, live) }),
  }
}

/** By the live version, whose items are found by name in this state. */
async function liveRanks(data: RetrievalData, run: TwoTowerRun, live: Artifact): Promise<Uint32Array> {
  const entry = live.manifest.config as unknown as TwoTowerEntry
  const towers = await openTowers(`two-tower/${live.manifest.version}`, entry, (file) => live.path(file), data.facts)
  try {
    return await ranksByTowers(towers, askedOn(run.test, data.surfacesMet, entry.surfaces), data.catalogue)
  } finally {
    await towers.close()
  }
}

/** Cases with the codes of surfaces that another version was trained with. */
function askedOn(cases: RetrievalCases, ours: readonly string[], theirs: readonly string[]): RetrievalCases {
  const request = (index: number): RequestFacts => {
    const asked = cases.request(index)
    return { ...asked, surface: Math.max(0, theirs.indexOf(ours[asked.surface] ?? '')) }
  }
  return { ...cases, request }
}

/** What a server would see: time per viewer, and how far its vectors are from the trainer's. */
async function measure({ data, run }: Trial, served: TwoTowerEncoder) {
  const { test, artifact, learned } = run
  const trained = await TwoTowerEncoder.over(
    artifact.manifest.spec,
    artifact.manifest.network,
    { layout: learned.layout, weights: learned.dense.weights },
    learned.tables,
    data.facts,
  )
  try {
    const requests = Array.from({ length: Math.min(PROBES, test.wanted.length) }, (_, i) => test.request(i))
    const p99 = await processorP99(requests.length, (run) => served.encodeUsers([requests[run] as RequestFacts]))
    const viewers = requests.slice(0, PARITY_PROBES)
    const items = data.catalogue.subarray(0, PARITY_PROBES)
    const pairs = [
      [await served.encodeUsers(viewers), await trained.encodeUsers(viewers)],
      [await served.encodeItems(items), await trained.encodeItems(items)],
    ] as const
    const difference = Math.max(
      ...pairs.map(([a, b]) => a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0)),
    )
    const finite = pairs.every(([a]) => a.every(Number.isFinite))
    return { p99, difference, rows: viewers.length + items.length, finite }
  } finally {
    await trained.close()
  }
}
