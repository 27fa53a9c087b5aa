import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import {
  emitModel,
  Graph,
  initialParameters,
  layoutOf,
  MASKED,
  Session,
  TrainingStep,
  type Values,
} from '../graph/index.ts'
import {
  type SequenceConfig,
  sequenceDefaults,
  sequenceEncoder,
  sequenceServing,
  sequenceTraining,
} from './sequence.ts'
import { HistoryEncoder, sequenceFile, type SequenceModel } from './sequence-encoder.ts'

const WIDTH = 8
const LENGTH = 12
const ITEMS = 20
const ROWS = 2

const config = (choices: Partial<SequenceConfig> = {}): SequenceConfig => ({
  ...sequenceDefaults,
  width: WIDTH,
  length: LENGTH,
  expansion: 2,
  dropout: 0,
  ...choices,
})

const random = new Random('sequence model')
const table = Float32Array.from({ length: ITEMS * WIDTH }, () => random.normal(0, 0.3))
const historyOf = (length: number): number[] => Array.from({ length }, () => random.int(ITEMS))

/** Weights far from their start, so that norms, gates and biases take part. */
function shaken(choices?: Partial<SequenceConfig>): SequenceModel {
  const { graph } = sequenceServing(config(choices))
  const parameters = initialParameters(graph, 5).map((value) => value + random.normal(0, 0.1))
  return { config: config(choices), items: ITEMS, parameters, table }
}

/** Feeds of the encoder with histories placed as [row, column, items]. */
function placed(histories: readonly (readonly [row: number, column: number, items: readonly number[]])[]) {
  const history = new Float32Array(ROWS * LENGTH * WIDTH)
  const positions = new Int32Array(ROWS * LENGTH)
  const segments = new Int32Array(ROWS * LENGTH)
  histories.forEach(([row, column, items], segment) => {
    items.forEach((item, i) => {
      const place = row * LENGTH + column + i
      history.set(table.subarray(item * WIDTH, (item + 1) * WIDTH), place * WIDTH)
      positions[place] = i
      segments[place] = segment + 1
    })
  })
  return { history, positions, segments }
}

const kinds = [{}, { gated: false, feedForward: 'relu', heads: 1, blocks: 1 }] as const

describe.each(kinds)('a sequence encoder %o', (choices) => {
  const model = shaken(choices)
  let session: Session
  let encoder: HistoryEncoder
  const states = async (feeds: Record<string, Values>): Promise<(row: number, column: number) => number[]> => {
    const { states: all } = await session.run(feeds)
    return (row, column) => [...all.slice((row * LENGTH + column) * WIDTH, (row * LENGTH + column + 1) * WIDTH)]
  }

  beforeAll(async () => {
    const graph = new Graph()
    const { states } = sequenceEncoder(graph, model.config, { rows: ROWS })
    session = await Session.open(emitModel(graph, { states }))
    session.bindParameters(layoutOf(graph), model.parameters)
    encoder = await HistoryEncoder.open(model, { lengths: [4, LENGTH] })
  })
  afterAll(async () => {
    await session.close()
    await encoder.close()
  })

  it('gives the same vector in serving as at the last place in training, whatever shares the row', async () => {
    const histories = [3, 9, 12].map(historyOf) as [number[], number[], number[]]
    const packed = await states(
      placed([
        [0, 0, histories[0]],
        [0, 3, histories[1]],
        [1, 0, histories[2]],
      ]),
    )
    const ends = [packed(0, 2), packed(0, 11), packed(1, 11)]
    for (const [i, history] of histories.entries()) {
      const user = await encoder.encode(history)
      ends[i]?.forEach((value, k) => {
        expect(user?.[k]).toBeCloseTo(value, 5)
      })
    }
  })

  it('never looks ahead', async () => {
    const history = historyOf(LENGTH)
    const old = await states(placed([[0, 0, history]]))
    const changed = await states(placed([[0, 0, history.with(7, (history[7] as number) === 0 ? 1 : 0)]]))
    for (let place = 0; place < LENGTH; place++) {
      if (place < 7) expect(changed(0, place)).toEqual(old(0, place))
      else expect(changed(0, place)).not.toEqual(old(0, place))
    }
  })

  it('reads the order of a history, and its last items only', async () => {
    const history = [1, 2, 3, 4, 5]
    expect(await encoder.encode([2, 1, 3, 4, 5])).not.toEqual(await encoder.encode(history))
    const long = historyOf(30)
    expect(await encoder.encode(long)).toEqual(await encoder.encode(long.slice(-LENGTH)))
  })

  it('is a file that other runtimes can run', async () => {
    const history = historyOf(LENGTH)
    const file = await Session.open(sequenceFile(model))
    const feeds = placed([[0, 0, history]])
    const one = Object.fromEntries(
      Object.entries(feeds).map(([name, values]) => [name, values.slice(0, values.length / ROWS)]),
    )
    const { user } = await file.run(one)
    expect(user).toEqual(await encoder.encode(history))
    await file.close()
  })
})

it('answers encodings in turn, empty histories with nothing, and refuses rows the table lacks', async () => {
  const encoder = await HistoryEncoder.open(shaken())
  const histories = Array.from({ length: 6 }, (_, i) => historyOf(2 + 2 * i))
  const together = await Promise.all(histories.map((history) => encoder.encode(history)))
  for (const [i, history] of histories.entries()) expect(await encoder.encode(history)).toEqual(together[i])
  expect(await encoder.encode([])).toBeUndefined()
  await expect(encoder.encode([1, ITEMS])).rejects.toThrow(/item row 20: the table has 20/)
  await expect(encoder.encode([3])).resolves.toHaveLength(WIDTH)
  await encoder.close()
})

it('takes newer weights while it serves, but not another configuration', async () => {
  const [old, newer] = [shaken(), shaken()]
  const encoder = await HistoryEncoder.open(old)
  const fresh = await HistoryEncoder.open(newer)
  const before = await encoder.encode([1, 2, 3])
  encoder.swap(newer)
  const after = await encoder.encode([1, 2, 3])
  expect(after).not.toEqual(before)
  expect(after).toEqual(await fresh.encode([1, 2, 3]))
  expect(() => encoder.swap(shaken({ gated: false }))).toThrow(/another configuration/)
  await encoder.close()
  await fresh.close()
})

describe('the loss', () => {
  const places = ROWS * LENGTH
  const next = Int32Array.from({ length: places }, () => random.int(ITEMS))
  const weights = Float32Array.from({ length: places }, (_, i) => (i % 5 === 0 ? 0 : 1))
  const feeds = placed([
    [0, 0, historyOf(LENGTH)],
    [1, 0, historyOf(LENGTH)],
  ])
  const rowsOf = (rows: ArrayLike<number>): Float32Array =>
    Float32Array.from(
      { length: rows.length * WIDTH },
      (_, i) => table[(rows[Math.floor(i / WIDTH)] as number) * WIDTH + (i % WIDTH)] as number,
    )
  const model = shaken()

  /** By the formula, place by place, from states that another graph computed. */
  async function byHand(
    logit: (state: Float32Array, place: number) => { wanted: number; all: number[] },
  ): Promise<number> {
    const graph = new Graph()
    const session = await Session.open(
      emitModel(graph, { states: sequenceEncoder(graph, model.config, { rows: ROWS }).states }),
    )
    session.bindParameters(layoutOf(graph), model.parameters)
    const { states } = await session.run(feeds)
    await session.close()
    let sum = 0
    let weight = 0
    for (let place = 0; place < places; place++) {
      const { wanted, all } = logit(states.slice(place * WIDTH, (place + 1) * WIDTH) as Float32Array, place)
      sum += (weights[place] as number) * (Math.log(all.reduce((total, z) => total + Math.exp(z), 0)) - wanted)
      weight += weights[place] as number
    }
    return sum / weight
  }
  const dot = (state: Float32Array, row: number): number =>
    state.reduce((sum, value, k) => sum + value * (table[row * WIDTH + k] as number), 0)

  it('is the softmax over the whole catalogue', async () => {
    const { graph, plan } = sequenceTraining(model.config, { kind: 'full' }, { rows: ROWS, items: ITEMS })
    const step = await TrainingStep.open(graph, plan, { parameters: model.parameters })
    const { loss } = await step.run({ ...feeds, target: rowsOf(next), candidates: table, weights })
    await step.close()
    const wanted = await byHand((state, place) => ({
      wanted: dot(state, next[place] as number),
      all: Array.from({ length: ITEMS }, (_, row) => dot(state, row)),
    }))
    expect(loss).toBeCloseTo(wanted, 5)
  })

  it('with sampling is the corrected softmax over the own item and the negatives that are others', async () => {
    const drawn = Int32Array.from({ length: 6 }, () => random.int(ITEMS))
    const loss = { kind: 'sampled', negatives: drawn.length } as const
    const { graph, plan } = sequenceTraining(model.config, loss, { rows: ROWS, items: ITEMS })
    const step = await TrainingStep.open(graph, plan, { parameters: model.parameters })
    const given = { ...feeds, target: rowsOf(next), candidates: rowsOf(drawn), weights, next, drawn }
    const result = await step.run(given)
    await step.close()
    const raised = Math.log((ITEMS - 1) / drawn.length)
    const wanted = await byHand((state, place) => {
      const own = dot(state, next[place] as number)
      const others = [...drawn].filter((row) => row !== next[place]).map((row) => dot(state, row) + raised)
      return { wanted: own, all: [own, ...others] }
    })
    expect(result.loss).toBeCloseTo(wanted, 5)
  })

  it.each(['full', 'sampled'] as const)(
    'takes no item for a negative before it is there, by the %s loss',
    async (kind) => {
      const drawn = Int32Array.from({ length: 8 }, () => random.int(ITEMS))
      const rows = kind === 'full' ? Int32Array.from({ length: ITEMS }, (_, row) => row) : drawn
      const since = Float32Array.from({ length: ITEMS }, (_, row) => (row % 3 === 0 ? Number.NEGATIVE_INFINITY : row))
      // Whole numbers: the item that came next may have come out at that very moment.
      const moments = next.map((row, place) => (row % 3 === 0 ? place % ITEMS : row + (place % 4)))
      const options = { rows: ROWS, items: ITEMS, timed: true }
      const loss = kind === 'full' ? ({ kind } as const) : ({ kind, negatives: drawn.length } as const)
      const { graph, plan } = sequenceTraining(model.config, loss, options)
      const step = await TrainingStep.open(graph, plan, { parameters: model.parameters })
      const result = await step.run({
        ...{ ...feeds, target: rowsOf(next), candidates: rowsOf(rows), weights },
        ...{ moments: Float32Array.from(moments), since: Float32Array.from(rows, (row) => since[row] as number) },
        ...(kind === 'sampled' && { next, drawn }),
      })
      await step.close()
      const raised = kind === 'full' ? 0 : Math.log((ITEMS - 1) / drawn.length)
      let late = 0
      const wanted = await byHand((state, place) => {
        const own = next[place] as number
        const there = [...rows].filter((row) => (since[row] as number) <= (moments[place] as number))
        late += rows.length - there.length
        const others = there.filter((row) => row !== own).map((row) => dot(state, row) + raised)
        return { wanted: dot(state, own), all: [dot(state, own), ...others] }
      })
      expect(late).toBeGreaterThan(places)
      expect(result.loss).toBeCloseTo(wanted, 5)
    },
  )

  it('with near misses counts each for itself, and even draws for the rest', async () => {
    const near = [1, 4]
    const even = [2, 6, 2]
    const drawn = Int32Array.from([...near, 0, ...even]) // room for a third near miss that was not there
    const rest = Math.log((ITEMS - 1 - near.length) / even.length)
    const raise = Float32Array.from([0, 0, MASKED, rest, rest, rest])
    const loss = { kind: 'sampled', negatives: 3, hard: 3 } as const
    const { graph, plan, candidates } = sequenceTraining(model.config, loss, { rows: ROWS, items: ITEMS })
    expect(candidates).toBe(6)
    const step = await TrainingStep.open(graph, plan, { parameters: model.parameters })
    const given = { ...feeds, target: rowsOf(next), candidates: rowsOf(drawn), weights, next, drawn, raise }
    const result = await step.run(given)
    await step.close()
    const wanted = await byHand((state, place) => {
      const own = next[place] as number
      const others = (rows: readonly number[], more: number) =>
        rows.filter((row) => row !== own).map((row) => dot(state, row) + more)
      return { wanted: dot(state, own), all: [dot(state, own), ...others(near, 0), ...others(even, rest)] }
    })
    expect(result.loss).toBeCloseTo(wanted, 5)
  })
})
