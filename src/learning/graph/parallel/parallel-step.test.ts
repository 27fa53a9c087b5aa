import { beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../../foundation/base/index.ts'
import {
  binaryCrossEntropy,
  Graph,
  glorotUniform,
  initialParameters,
  openStep,
  type StepResult,
  type Trained,
  type Values,
  zeros,
} from '../index.ts'

const ROWS = 7
const WIDTH = 4
const ITEMS = 5
const KINDS = 3

/** Rows of vectors and of codes, scored against candidates that all rows share; the labels' weights are uneven. */
function model(rows: number): Trained {
  const g = new Graph()
  const x = g.input('x', [rows, WIDTH])
  const candidates = g.input('candidates', [ITEMS, WIDTH])
  const kinds = g.gatherRows(g.parameter('kinds', [KINDS, WIDTH], glorotUniform), g.input('kind', [rows], 'int32'))
  const still = g.parameter('still', [WIDTH, WIDTH], glorotUniform)
  const hidden = g.linear(
    g.add(x, kinds),
    g.parameter('w', [WIDTH, WIDTH], glorotUniform),
    g.parameter('b', [WIDTH], zeros),
  )
  const logits = g.matmul(g.matmul(g.relu(hidden), still), candidates, { transposeB: true })
  const loss = binaryCrossEntropy(g, logits, g.input('labels', [rows, ITEMS]), g.input('weights', [rows, ITEMS]))
  const plan = { loss, outputs: { sum: g.sum(logits, [0]) }, inputGradients: [x, candidates], frozen: [still] }
  return { graph: g, plan }
}

const random = new Random('parts')
const floats = (n: number, f: () => number = () => random.normal()) => Float32Array.from({ length: n }, f)
const feeds: Readonly<Record<string, Values>> = {
  x: floats(ROWS * WIDTH),
  candidates: floats(ITEMS * WIDTH),
  kind: Int32Array.from({ length: ROWS }, () => random.int(KINDS)),
  labels: floats(ROWS * ITEMS, () => random.int(2)),
  weights: floats(ROWS * ITEMS, () => random.next()).fill(0, 2 * ITEMS, 4 * ITEMS),
}

async function open(threads: number) {
  const parameters = initialParameters(model(ROWS).graph, 'seed')
  const gradients = new Float32Array(parameters.length)
  const step = await openStep(model, { parameters, gradients, rows: ROWS, weight: 'weights', threads })
  return { step, parameters, gradients }
}

/** Everything that a few steps of descent gave. */
async function descend(threads: number) {
  const { step, parameters, gradients } = await open(threads)
  const said: number[] = []
  for (let n = 0; n < 5; n++) {
    const { loss, outputs, inputGradients } = await step.run(feeds)
    said.push(loss, ...(outputs['sum'] as Float32Array), ...gradients)
    for (const name of ['x', 'candidates']) said.push(...(inputGradients[name] as Float32Array))
    for (let i = 0; i < parameters.length; i++) parameters[i] -= 0.5 * gradients[i]
  }
  await step.close()
  return said
}

beforeAll(async () => {
  const script = '../../../../scripts/build.js'
  const { build } = (await import(script)) as { build: () => Promise<void> }
  await build() // threads run the bundle
})

describe('a step on several threads', () => {
  it('gives what one thread gives, to rounding, and the same bits every time', async () => {
    const alone = await descend(1)
    for (const threads of [2, 3, 50]) {
      const parted = await descend(threads)
      expect(parted.length).toBe(alone.length)
      for (const [i, x] of parted.entries()) expect(Math.abs(x - (alone[i] as number))).toBeLessThan(2e-6)
      expect(await descend(threads)).toEqual(parted)
    }
  })

  it('learns nothing from a batch that weighs nothing', async () => {
    const { step, gradients } = await open(2)
    const { loss } = await step.run({ ...feeds, weights: new Float32Array(ROWS * ITEMS) })
    expect(loss).toBe(0)
    expect(gradients.every((x) => x === 0)).toBe(true)
    await step.close()
  })

  it('says which model cannot go on when a thread died, and why', async () => {
    const { step } = await open(2)
    await step.run(feeds)
    const { threads } = Reflect.get(step, 'parts') as { threads: { worker: { terminate(): Promise<number> } }[] }
    await threads[0]?.worker.terminate()
    const gone = step.run(feeds)
    await expect(gone).rejects.toMatchObject({ code: 'ERR_TRAIN_THREAD' })
    await expect(gone).rejects.toThrow('training step: a thread of it failed (it ended with code 1)')
    await step.close()
  })

  it('says what a thread could not compute, and closes', async () => {
    const { step } = await open(2)
    const wrong = (feeds['kind'] as Int32Array).slice().fill(KINDS, ROWS - 1) // the last row is another thread's
    const failed: Promise<StepResult> = step.run({ ...feeds, kind: wrong })
    await expect(failed).rejects.toMatchObject({ code: 'ERR_TRAIN_THREAD' })
    await step.close()
  })

  it('refuses a batch that cannot be parted by rows', async () => {
    const odd = (rows: number): Trained => {
      const g = new Graph()
      const x = g.input('x', [rows + 1])
      return { graph: g, plan: { loss: g.sum(g.mul(x, g.parameter('w', [1], zeros))), inputGradients: [x] } }
    }
    const parameters = new Float32Array(1)
    const options = { parameters, gradients: new Float32Array(1), rows: 4, weight: 'x', threads: 2 }
    await expect(openStep(odd, options)).rejects.toThrow(/part "x" by rows/)
  })
})
