import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Kinds } from '../../domain/index.ts'
import { bootstrapMean, pairedDifference } from '../../judging/metrics/index.ts'
import { HistoryEncoder, type SequenceModel } from '../../learning/models/index.ts'
import { type Draft, type Registry, runGates, type Verdict, type GateLimits } from '../../learning/registry/index.ts'
import {
  type Cases,
  Evaluator,
  type Histories,
  type TrainingHooks,
  rankMetrics,
  testCases,
  trainSequence,
  processorP99,
} from '../../learning/training/index.ts'
import {
  readSequence,
  readSequenceArtifact,
  SEQUENCE,
  type SequenceManifestConfig,
  writeSequence,
} from '../../serving/inference/index.ts'
import { SluiceError } from '../../foundation/base/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import { leaveOneOut, sequencesOf } from '../../stream/samples/index.ts'
import { folderOf } from '../folder.ts'
import { openReader } from '../ingest/journal.ts'
import { VERSION } from '../version.ts'
import { computeOf } from './compute.ts'
import { continued } from './continued.ts'
import { knownOf, knowsNoMore, neededOf } from './held-out.ts'
import type { TrainOptions, TrainReport } from './report.ts'
import { sequenceRecipe } from './sequence-recipe.ts'
import type { Workshop } from './workshop.ts'

/** The last item of each history tests, the one before validates; neither is learnt. */
const HELD = 2
/** Users with at least three items that a model needs. */
const USERS_LEAST = 50
/** Histories encoded for the latency and parity gates. */
const PROBES = 100
const PARITY_PROBES = 20

/**
 * Trains the sequence model on a data folder's journal, judges it on what was held out, registers it with its gates'
 * verdicts, and makes it live when all passed. A run that was killed goes on from its last checkpoint.
 * @throws SluiceError ERR_TRAIN_DATA when there is too little to learn from
 */
export async function trainSequenceModel(options: TrainOptions, workshop: Workshop): Promise<TrainReport> {
  const { data, config, seed = 'sequence', onProgress } = options
  const began = performance.now()
  const log = await openReader(data)
  onProgress?.({ phase: 'sequence: histories', done: 0, total: 1 })
  const heldFrom = workshop.heldFrom(log)
  const past = config.learning.negatives.sequenceHard > 0 ? await workshop.served() : undefined
  const { sequences, state } = sequencesOf(knownOf(log, heldFrom), new Kinds(config.events.kinds), {
    ...(past && { near: (slate: string) => past.near(slate) }),
  })
  const histories: Histories = { ...sequences, items: state.items.size }
  const split = leaveOneOut(sequences)
  const cases = testCases(histories, split)
  if (cases.targets.length < USERS_LEAST) {
    throw new SluiceError('ERR_TRAIN_DATA', [
      data,
      neededOf(`${USERS_LEAST} users with three items`, heldFrom),
      String(cases.targets.length),
    ])
  }

  const work = join(folderOf(data).models, '.work', SEQUENCE)
  const hooks: TrainingHooks = {
    ...{ folder: work, ...computeOf(options) },
    ...(options.signal ? { signal: options.signal } : {}),
    log: (record) => {
      if (record.kind === 'step')
        onProgress?.({ phase: `sequence: epoch ${record.epoch}`, done: record.step, total: record.steps })
    },
  }
  const run = await continued(work, () =>
    trainSequence(histories, split, sequenceRecipe(options, histories, seed), hooks),
  )
  if (!run.done && options.signal?.aborted) throw new SluiceError('ERR_TRAIN_STOPPED', [SEQUENCE])
  onProgress?.({ phase: 'sequence: gates', done: 0, total: 1 })
  const { model, recipe } = run
  const { registry } = workshop
  const judged = await judge(registry, histories, cases, state, model, heldFrom)
  const draft = workshop.draft(SEQUENCE)
  const ids = Array.from({ length: histories.items }, (_, row) => state.items.ids.name(row))
  writeSequence(draft, model, ids)
  const manifestConfig: SequenceManifestConfig = {
    ...{ model: model.config, items: model.items, held: HELD },
    ...(heldFrom !== undefined && { heldFrom }),
  }
  const gates = await gatesOf({
    ...{ judged, histories, cases, model, draft, config: manifestConfig },
    limits: options.config.learning.gates,
  })
  const manifest = await draft.commit({
    kind: SEQUENCE,
    parents: judged.live === undefined ? [] : [`${SEQUENCE}/${judged.live}`],
    seed,
    code: VERSION,
    data: { from: 0, until: log.next, samples: `${cases.targets.length} users`, examples: histories.item.length },
    features: { names: [], digest: 'none' },
    inputs: [{ name: 'history', type: 'float32', shape: [1, model.config.length, model.config.width] }],
    outputs: [{ name: 'user', type: 'float32', shape: [model.config.width] }],
    config: { ...manifestConfig, recipe, bestEpoch: run.bestEpoch, ...(past && { served: past.report }) },
    metrics: judged.metrics,
    gates,
  })
  const promoted = gates.every((gate) => gate.pass)
  if (promoted) await registry.promote(SEQUENCE, manifest.version, { over: judged.live })
  rmSync(work, { recursive: true, force: true })
  return {
    model: SEQUENCE,
    version: manifest.version,
    examples: histories.item.length,
    seconds: (performance.now() - began) / 1000,
    metrics: judged.metrics,
    gates,
    promoted,
  }
}

interface Judged {
  readonly metrics: Record<string, number>
  readonly live: string | undefined
  readonly against: string
  /** NDCG@10 of the candidate minus that of the other, user by user. */
  readonly difference: ReturnType<typeof pairedDifference>
  readonly users: number
}

/** Ranks each user's last item among the whole catalogue, seen items removed, against the live version or popularity. */
async function judge(
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
  const others = comparable ? await ranksOf(before.model) : popularityRanks(histories, cases)
  const worth = (values: Uint32Array) => Float64Array.from(values, (rank) => (rank <= 10 ? 1 / Math.log2(rank + 1) : 0))
  const figures = rankMetrics(ranks, [5, 10, 20])
  const other = bootstrapMean(worth(others))
  const against = comparable ? `live version ${artifact?.manifest.version}` : 'popularity'
  return {
    metrics: {
      ...Object.fromEntries(Object.entries(figures).map(([name, { value }]) => [name, value])),
      [`ndcg@10 of ${against}`]: other?.value ?? 0,
    },
    live: artifact?.manifest.version,
    against,
    difference: pairedDifference(worth(ranks), worth(others)),
    users: cases.targets.length,
  }
}

/** Rank of each wanted item by how many users learnt it, seen items removed, ties by row. */
function popularityRanks({ items, item }: Histories, { starts, targets }: Cases): Uint32Array {
  const counts = new Uint32Array(items)
  for (let i = 0; i < targets.length; i++) for (let at = starts[i]; at < targets[i]; at++) counts[item[at]]++
  return Uint32Array.from(targets, (target, i) => {
    const wanted = item[target]
    const seen = new Set(item.subarray(starts[i], target))
    let above = 0
    for (let other = 0; other < counts.length; other++) {
      const ahead = counts[other] > counts[wanted] || (counts[other] === counts[wanted] && other < wanted)
      if (ahead && !seen.has(other)) above++
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
async function gatesOf({ judged, histories, cases, model, draft, config, limits }: Trial): Promise<Verdict[]> {
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
