import { Random } from '../../src/foundation/base/index.ts'
import { initialParameters, type Values } from '../../src/learning/graph/index.ts'
import {
  emptyRows,
  portsOf,
  RankingFeeds,
  rankingTables,
  sequenceTraining,
  twoTowerTraining,
  writeRequest,
} from '../../src/learning/models/index.ts'
import {
  completeRecipe,
  completeTwoTower,
  historiesOf,
  type TwoTowerRecipe,
} from '../../src/learning/training/index.ts'
import { Batch } from '../../src/learning/training/sequence/batch.ts'
import { fillMasks } from '../../src/learning/training/sequence/dropout.ts'
import { packEpoch } from '../../src/learning/training/sequence/packing.ts'
import { TrainingState } from '../../src/learning/training/sequence/state.ts'
import { SequenceStep } from '../../src/learning/training/sequence/step.ts'
import { Pool } from '../../src/learning/training/two-tower/examples.ts'
import { candidatesOf, TwoTowerLearner } from '../../src/learning/training/two-tower/learner.ts'
import { type Dataset, Negatives, StreamingFrequency } from '../../src/stream/samples/index.ts'
import { batchOf, facts, specOf } from './data.ts'
import { gatheredOf, onlyPlain, peerTables } from './rankers.ts'
import type { PeerTask, Subject } from './subject.ts'

/** Requests of the training that a two-tower's batch is the first part of. */
const REQUESTS = 4096
/** Steps are drawn for by their number: of one number, each draws the same, and a peer can be given it. */
const NUMBER = 1

/** Both towers through their learner, negatives drawn and all; no ids are hidden, which a peer could not look up. */
export function twoTowerSubject(batch: number, width: number): Subject {
  const recipe = completeTwoTower({ batch, uniform: batch / 2, width, admission: 1, idDropout: 0 })
  const { history } = recipe
  const spec = specOf(history, width)
  const rows = batchOf(REQUESTS, 1, history)
  const samples = {
    request: (number: number) => {
      const from = number * history
      return {
        ...{ user: rows.user[number], at: 1e12, surface: 1, items: [rows.item[number]], near: [] },
        history: {
          items: rows.historyItem.subarray(from, from + history),
          ago: rows.historyAgo.subarray(from, from + history),
          kinds: rows.historyKind.subarray(from, from + history),
          completions: rows.historyCompletion.subarray(from, from + history),
        },
      }
    },
  } as unknown as Dataset // all that the learner reads of one
  const examples = { request: Uint32Array.from({ length: REQUESTS }, (_, i) => i), item: Uint32Array.from(rows.item) }
  const pool = new Pool(samples, examples.request, examples)
  const fresh = () =>
    rankingTables(spec, { optimiser: { kind: 'adagrad', rate: recipe.tableRate }, admission: { threshold: 1 } })
  return {
    model: 'two-tower',
    shape: `${batch} + ${recipe.uniform}`,
    examples: batch,
    follows: true,
    async open(threads) {
      const learner = await TwoTowerLearner.open(spec, recipe, samples, facts, pool, {
        ...{ threads, provider: 'cpu' as const, tables: fresh() },
      })
      return {
        step: () => learner.learn(examples, examples.request.subarray(0, batch), NUMBER, 1),
        close: () => learner.close(),
      }
    },
    peer(): PeerTask {
      const candidates = candidatesOf(recipe)
      const shape = { requests: batch, candidates, inBatch: true }
      const { g, user, item, loss } = twoTowerTraining(spec, shape, recipe.network)
      const tables = fresh()
      const asked = emptyRows(batch, 1, history, spec.columns.length)
      for (let r = 0; r < batch; r++) writeRequest(asked, r, samples.request(r))
      const drawn = drawnBy(recipe, pool, examples.item.subarray(0, batch))
      const items = emptyRows(1, candidates, history, spec.columns.length)
      items.item.set(drawn.items)
      const ofItems = new Set(['content', ...item.inputs.embeddedNames])
      const part = (mine: boolean) => portsOf(g).filter(({ name }) => ofItems.has(name) === mine)
      const ground = { spec, facts, tables }
      const feeds = {
        ...onlyPlain(new RankingFeeds(spec, part(false), tables, facts).fill(asked, 1e12)),
        ...onlyPlain(new RankingFeeds(spec, part(true), tables, facts).fill(items, 1e12)),
      }
      return {
        trained: { graph: g, plan: { loss } },
        parameters: initialParameters(g, recipe.seed),
        feeds: {
          ...feeds,
          ...{ items: items.item, 'log.q': drawn.logQ, weights: new Float32Array(batch).fill(1) },
        },
        gathered: {
          ...gatheredOf(user.inputs.embeddedNames, { ...ground, rows: asked }),
          ...gatheredOf(item.inputs.embeddedNames, { ...ground, rows: items }),
        },
        tables: peerTables(tables),
        rates: {
          ...{ dense: recipe.denseRate, beta2: 0.999, table: recipe.tableRate },
          ...{ weightDecay: recipe.weightDecay, normMax: recipe.normMax },
        },
      }
    },
  }
}

/** What the learner draws for its first step. */
function drawnBy({ seed, inBatch, uniform, hard, batch }: TwoTowerRecipe, pool: Pool, positives: Uint32Array) {
  const frequency = new StreamingFrequency({ gap: Math.max(1, pool.items.length / batch) })
  frequency.seen(positives, NUMBER)
  const places = positives.map((row) => pool.place(row))
  const { items, logQ } = new Negatives(pool.counts, { inBatch, uniform, hard }, `${seed}/${NUMBER}`).draw(places, {
    hard: () => [],
    frequency: (place) => frequency.probability(pool.items[place]) / batch,
  })
  return { items: items.map((place) => pool.items[place] as number), logQ }
}

/** The sequence model of the default recipe on a catalogue of so many items, by the full softmax. */
export function sequenceSubject(items: number, rows: number): Subject {
  const recipe = completeRecipe({ rows })
  const { length, width, dropout } = recipe.model
  const random = new Random('histories')
  const lists = Array.from({ length: 4 * rows }, () => Array.from({ length: length + 1 }, () => random.int(items)))
  const histories = historiesOf(lists, items)
  const epoch = packEpoch(
    histories,
    { validFrom: histories.starts.subarray(1), testFrom: histories.starts },
    length,
    random,
  )
  const build = (own: number) => sequenceTraining(recipe.model, recipe.loss, { rows: own, items })
  const stateOf = () =>
    new TrainingState(
      build(rows).graph,
      { items, width },
      { optimiser: recipe.optimiser, seed: recipe.seed, digest: '' },
    )
  return {
    model: 'sequence',
    shape: `${rows} x ${length}`,
    examples: rows * length,
    follows: true,
    async open(threads) {
      const state = stateOf()
      const step = await SequenceStep.open(recipe, state, build, { threads, provider: 'cpu' })
      return {
        // The count of updates stands still: masks are drawn by it, and a peer has those of the first.
        step: async () => (await step.run(histories, epoch, 0, recipe.rate)).loss,
        close: () => step.close(),
      }
    },
    peer(): PeerTask {
      const { graph, plan } = build(rows)
      const state = stateOf()
      const batch = new Batch(rows, length, width)
      batch.fill(histories, epoch, 0)
      const masks: Record<string, Float32Array> = {}
      for (const { source, shape } of graph.inputs)
        if ('name' in source && source.name.startsWith('mask/'))
          masks[source.name] = new Float32Array(shape.reduce((a, b) => a * b, 1))
      fillMasks(Object.values(masks), dropout, `${recipe.seed} dropout 0`)
      const { positions, segments } = batch.feeds as { positions: Values; segments: Values }
      const gathered = (from: Int32Array) => [{ table: 'items', bag: 1, rows: Uint32Array.from(from) }]
      return {
        trained: { graph, plan: { loss: plan.loss } },
        parameters: state.parametersOf(state.dense.weights).slice(),
        feeds: { ...masks, positions, segments, weights: batch.weights },
        gathered: {
          history: gathered(batch.items),
          target: gathered(batch.next),
          candidates: [{ table: 'items', bag: 1, rows: 'whole' }],
        },
        tables: [{ name: 'items', dim: width, values: state.tableOf(state.dense.weights).slice(), dense: true }],
        rates: { dense: recipe.rate, beta2: 0.98, table: 0, weightDecay: 0, normMax: 0 },
      }
    },
  }
}
