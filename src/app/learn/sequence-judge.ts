import { join } from 'node:path'
import { pairedDifference } from '../../judging/metrics/index.ts'
import { HistoryEncoder, type SequenceModel } from '../../learning/models/index.ts'
import { type Draft, type GateLimits, type Registry, runGates, type Verdict } from '../../learning/registry/index.ts'
import {
  type Cases,
  Evaluator,
  flatFigures,
  type Histories,
  ItemNeighbours,
  processorP99,
  ranksByNeighbours,
  thereAt,
  rankMetrics,
  worthAt,
} from '../../learning/training/index.ts'
import {
  readSequence,
  readSequenceArtifact,
  SEQUENCE,
  type SequenceManifestConfig,
} from '../../serving/inference/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import { knowsNoMore } from './held-out.ts'
import { besideOf, ITEM_KNN, liveOf, POPULARITY } from './rivals.ts'

/** Users with at least three items that a model needs. */
export const USERS_LEAST = 50
/** Histories encoded for the latency and parity gates. */
const PROBES = 100
const PARITY_PROBES = 20

export interface Judged {
  readonly metrics: Record<string, number>
  readonly live: string | undefined
  readonly against: string
  /** NDCG@10 of the candidate minus that of the other, user by user. */
  readonly difference: ReturnType<typeof pairedDifference>
  readonly users: number
}

/** Ranks each user's last item among all that was there then, seen items removed: the candidate, popularity, item-kNN and the live version. */
export async function judgeSequence(
  registry: Registry,
  histories: Histories,
  cases: Cases,
  state: State,
  model: SequenceModel,
  heldFrom: number | undefined,
): Promise<Judged> {
  const ranksOf = async (one: SequenceModel): Promise<Uint32Array> => {
    const evaluator = await Evaluator.open(one.config, one.items)
    try {
      return (await evaluator.ranks(histories, cases, one.parameters, one.table)).removed
    } finally {
      await evaluator.close()
    }
  }
  const ranks = await ranksOf(model)
  const { artifact } = await registry.loadLive(SEQUENCE)
  const before = artifact === undefined ? undefined : readSequenceArtifact(artifact)
  const comparable =
    before !== undefined &&
    knowsNoMore(artifact?.manifest.config ?? {}, heldFrom) &&
    before.model.items === model.items &&
    before.ids.every((id, row) => id === state.items.ids.name(row))
  const rivals: Readonly<Record<string, Uint32Array>> = {
    [POPULARITY]: popularityRanks(histories, cases),
    [ITEM_KNN]: neighbourRanks(histories, cases),
    ...(comparable && artifact && { [liveOf(artifact)]: await ranksOf(before.model) }),
  }
  const against = comparable && artifact ? liveOf(artifact) : POPULARITY
  const worth = (values: Uint32Array) => Float64Array.from(values, worthAt(10))
  return {
    metrics: {
      ...flatFigures(rankMetrics(ranks, [5, 10, 20])),
      ...Object.assign({}, ...Object.entries(rivals).map(([name, ranks]) => rivalFigures(name, ranks))),
    },
    live: artifact?.manifest.version,
    against,
    difference: pairedDifference(worth(ranks), worth(rivals[against] as Uint32Array)),
    users: cases.targets.length,
  }
}

function rivalFigures(name: string, ranks: Uint32Array): Record<string, number> {
  const { 'ndcg@10': ndcg, 'recall@100': recall } = rankMetrics(ranks)
  return flatFigures({ [`ndcg@10 of ${name}`]: ndcg, [`recall@100 of ${name}`]: recall })
}

/** By what is consumed together. */
function neighbourRanks({ items, item, times }: Histories, { starts, targets }: Cases): Uint32Array {
  const seen = (i: number) => item.subarray(starts[i], targets[i])
  const baskets = Array.from(targets, (_, i) => seen(i))
  const wanted = targets.map((target) => item[target])
  const catalogue = Uint32Array.from({ length: items }, (_, row) => row)
  const there = (i: number) => thereAt(times, targets[i])
  return ranksByNeighbours(new ItemNeighbours(items, baskets), { wanted, seen, there }, catalogue)
}

/** Rank of each wanted item by how many users learnt it, seen items removed, ties by row. */
function popularityRanks({ items, item, times }: Histories, { starts, targets }: Cases): Uint32Array {
  const counts = new Uint32Array(items)
  for (let i = 0; i < targets.length; i++) for (let at = starts[i]; at < targets[i]; at++) counts[item[at]]++
  return Uint32Array.from(targets, (target, i) => {
    const wanted = item[target]
    const seen = new Set(item.subarray(starts[i], target))
    const there = thereAt(times, target)
    let above = 0
    for (let other = 0; other < counts.length; other++) {
      const ahead = counts[other] > counts[wanted] || (counts[other] === counts[wanted] && other < wanted)
      if (ahead && !seen.has(other) && there(other)) above++
    }
    return above + 1
  })
}

interface Trial {
  readonly judged: Judged
  readonly histories: Histories
  readonly cases: Cases
  readonly model: SequenceModel
  readonly draft: Draft
  readonly config: SequenceManifestConfig
  readonly limits: GateLimits
}

/** Every gate in order. Latency and parity are measured on the files as a server would read them. */
export async function gatesOf({ judged, histories, cases, model, draft, config, limits }: Trial): Promise<Verdict[]> {
  const read = readSequence(`${SEQUENCE}/draft`, config, (file) => join(draft.folder, file))
  const trained = await HistoryEncoder.open(model)
  const served = await HistoryEncoder.open(read.model)
  let difference = 0
  const historyOf = (i: number) => histories.item.subarray(cases.starts[i], cases.targets[i])
  let p99: number
  try {
    p99 = await processorP99(Math.min(PROBES, cases.targets.length), (i) => served.encode(historyOf(i)))
    for (let i = 0; i < Math.min(PARITY_PROBES, cases.targets.length); i++) {
      const history = historyOf(i)
      const vector = (await served.encode(history)) ?? new Float32Array(0)
      const wanted = (await trained.encode(history)) ?? new Float32Array(0)
      for (let k = 0; k < vector.length; k++) difference = Math.max(difference, Math.abs(vector[k] - wanted[k]))
    }
  } finally {
    await trained.close()
    await served.close()
  }
  const finite = model.table.every(Number.isFinite) && model.parameters.every(Number.isFinite)
  return runGates(
    {
      data: [
        { check: 'users with three items', pass: judged.users >= USERS_LEAST, value: judged.users, limit: USERS_LEAST },
        { check: 'weights are numbers', pass: finite, value: String(finite), limit: 'true' },
      ],
      offline: {
        metric: 'ndcg@10',
        better: 'higher',
        value: judged.metrics['ndcg@10'] ?? Number.NaN,
        against: judged.against,
        difference: judged.difference,
        users: judged.users,
        renews: judged.against !== POPULARITY,
        beside: besideOf(judged.against, (name) => judged.metrics[`ndcg@10 of ${name}`]),
      },
      latency: { p99, candidates: 1 },
      parity: { difference, rows: Math.min(PARITY_PROBES, cases.targets.length) },
    },
    {
      ...limits,
      waived: {
        drift: 'it reads histories, no feature columns',
        calibration: 'it orders items and gives no probabilities',
      },
    },
  )
}
