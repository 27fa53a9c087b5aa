import { describe, expect, it } from 'vitest'
import { Random } from '../../../foundation/base/index.ts'
import { gradients } from '../gradients.ts'
import { Graph } from '../graph.ts'
import { type Shape, sizeOf } from '../shape.ts'
import type { Tensor, Values } from '../tensor.ts'
import { checkExpression, difference, type Feeds, runOnnx } from '../testing/check.ts'
import { MASKED } from '../vocabulary.ts'
import { binaryCrossEntropy, gbce, gbcePower, sampledSoftmax, softmaxCrossEntropy } from './index.ts'

const random = new Random('losses')
const draw = (shape: Shape, scale = 1): Float32Array =>
  Float32Array.from({ length: sizeOf(shape) }, () => random.normal(0, scale))

/** The loss and its gradients by the runtime. */
async function measure(g: Graph, loss: Tensor, wanted: readonly Tensor[], feeds: Feeds): Promise<number[][]> {
  const named = Object.fromEntries(gradients(g, loss, wanted).map((t, i) => [`d${i}`, t]))
  const results = await runOnnx(g, { loss, ...named }, feeds)
  return ['loss', ...Object.keys(named)].map((name) => [...(results[name] as Values)])
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))

describe('binary cross entropy', () => {
  it('is -log of the probability of what came, weighted', async () => {
    const g = new Graph()
    const [z, y, w] = ['z', 'y', 'w'].map((name) => g.input(name, [3, 1])) as [Tensor, Tensor, Tensor]
    const loss = binaryCrossEntropy(g, z, y, w)
    const feeds = { z: Float32Array.of(0.7, -1.2, 3), y: Float32Array.of(1, 0, 0.25), w: Float32Array.of(1, 3, 0) }
    const [value, dz] = await measure(g, loss, [z], feeds)
    const expected = (-Math.log(sigmoid(0.7)) - 3 * Math.log(1 - sigmoid(-1.2))) / 4
    expect(difference(value, [expected])).toBeLessThan(1e-6)
    expect(difference(dz, [(sigmoid(0.7) - 1) / 4, (3 * sigmoid(-1.2)) / 4, 0])).toBeLessThan(1e-6)
    await checkExpression(g, loss, feeds, [z, y, w])
  })

  it('stays exact at the extremes', async () => {
    const g = new Graph()
    const z = g.input('z', [4])
    const loss = binaryCrossEntropy(g, z, g.constant(Float32Array.of(1, 0, 1, 0)))
    const [value, dz] = await measure(g, loss, [z], { z: Float32Array.of(-1e4, 1e4, 1e4, -1e4) })
    expect(value).toEqual([5000])
    expect(dz).toEqual([-0.25, 0.25, 0, 0])
  })

  it('of nothing but padding is 0, with gradient 0', async () => {
    const g = new Graph()
    const z = g.input('z', [2])
    const loss = binaryCrossEntropy(g, z, g.constant(Float32Array.of(1, 0)), g.input('w', [2]))
    expect(await measure(g, loss, [z], { z: Float32Array.of(3, 4), w: new Float32Array(2) })).toEqual([[0], [0, 0]])
  })
})

describe('softmax cross entropy', () => {
  it('takes class indices or distributions, and agrees with the definition', async () => {
    const z = Float32Array.of(1, 2, 3, -1, 0, 4)
    const expected = -(Math.log(0.09003057) + Math.log(Math.exp(4) / (Math.exp(-1) + 1 + Math.exp(4)))) / 2
    const g = new Graph()
    const logits = g.input('z', [2, 3])
    const byIndex = softmaxCrossEntropy(g, logits, g.input('label', [2], 'int32'))
    const byOneHot = softmaxCrossEntropy(g, logits, g.constant(Float32Array.of(1, 0, 0, 0, 0, 1), [2, 3]))
    const feeds = { z, label: Int32Array.of(0, 2) }
    for (const loss of [byIndex, byOneHot]) {
      const [value, dz] = await measure(g, loss, [logits], feeds)
      expect(difference(value, [expected])).toBeLessThan(1e-6)
      expect(dz[0]).toBeCloseTo((0.09003057 - 1) / 2, 6)
      await checkExpression(g, loss, feeds, [logits])
    }
  })

  it('stays finite at the extremes', async () => {
    const g = new Graph()
    const logits = g.input('z', [1, 2])
    const loss = softmaxCrossEntropy(g, logits, g.constant(Int32Array.of(0)))
    const [value, dz] = await measure(g, loss, [logits], { z: Float32Array.of(-1e4, 1e4) })
    expect(value).toEqual([20000])
    expect(dz).toEqual([-1, 1])
  })
})

describe('sampled softmax', () => {
  const [rows, extra, width] = [3, 2, 4]
  const feeds = {
    u: draw([rows, width]),
    v: draw([rows + extra, width]),
    items: Int32Array.of(7, 8, 7, 9, 8), // rows 0 and 2 have the same item; an extra candidate repeats row 1's
    logQ: Float32Array.of(-1, -2, -1, -3, -2),
    w: Float32Array.of(1, 0.5, 2),
  }

  it('agrees with the sum over allowed candidates, by loops', async () => {
    const g = new Graph()
    const masked = new Float32Array(rows * (rows + extra))
    for (const [row, column] of [
      [0, 3],
      [2, 4],
      [2, 1],
    ] as const)
      masked[row * (rows + extra) + column] = MASKED
    const [u, v] = [g.input('u', [rows, width]), g.input('v', [rows + extra, width])]
    const loss = sampledSoftmax(g, {
      queries: u,
      candidates: v,
      items: g.input('items', [rows + extra], 'int32'),
      logQ: g.input('logQ', [rows + extra]),
      masked: g.input('masked', [rows, rows + extra]),
      weights: g.input('w', [rows]),
    })
    let expected = 0
    for (let i = 0; i < rows; i++) {
      const logit = (j: number): number => {
        let dot = 0
        for (let k = 0; k < width; k++) dot += feeds.u[i * width + k] * feeds.v[j * width + k]
        return dot - feeds.logQ[j]
      }
      let total = 0
      for (let j = 0; j < rows + extra; j++) {
        if ((masked[i * (rows + extra) + j] as number) < 0) continue
        if (j === i || feeds.items[j] !== feeds.items[i]) total += Math.exp(logit(j))
      }
      expected += (feeds.w[i] * (Math.log(total) - logit(i))) / 3.5
    }
    const [value] = await measure(g, loss, [u, v], { ...feeds, masked })
    expect(difference(value, [expected])).toBeLessThan(1e-6)
    await checkExpression(g, loss, { ...feeds, masked }, [u, v])
  })

  it('without corrections is the softmax cross entropy of the diagonal, also at the extremes', async () => {
    const g = new Graph()
    const u = g.input('u', [rows, width])
    const v = g.input('v', [rows, width])
    const loss = sampledSoftmax(g, { queries: u, candidates: v })
    const logits = g.matmul(u, v, { transposeB: true })
    const same = softmaxCrossEntropy(g, logits, g.constant(Int32Array.of(0, 1, 2)))
    for (const scale of [1, 100]) {
      const { a, b } = await runOnnx(g, { a: loss, b: same }, { u: draw([rows, width], scale), v: draw([rows, width]) })
      expect(difference(a as Values, b as Values)).toBeLessThan(1e-5)
    }
  })

  it('refuses fewer candidates than rows', () => {
    const g = new Graph()
    expect(() => sampledSoftmax(g, { queries: g.input('u', [3, 2]), candidates: g.input('v', [2, 2]) })).toThrow(
      'Cannot take 2 candidates for 3 rows',
    )
  })
})

describe('gBCE', () => {
  it('has the power of the paper: 1 without calibration, the sampling rate with all of it', () => {
    expect(gbcePower(256, 3417, 0)).toBeCloseTo(1, 12)
    expect(gbcePower(256, 3417, 1)).toBeCloseTo(256 / 3416, 12)
    expect(gbcePower(256, 3417, 0.75)).toBeCloseTo(0.75 * (256 / 3416 - 1) + 1, 12)
    expect(() => gbcePower(10, 5, 0.5)).toThrow(RangeError)
    expect(() => gbcePower(1, 5, 2)).toThrow(RangeError)
  })

  it('agrees with its formula; without calibration it is binary cross entropy', async () => {
    const g = new Graph()
    const p = g.input('p', [2])
    const n = g.input('n', [2, 3])
    const feeds = { p: Float32Array.of(0.5, -1), n: Float32Array.of(0.1, -0.4, 2, 1, 0, -3), w: Float32Array.of(1, 3) }
    const loss = gbce(g, p, n, { catalogue: 31, calibration: 0.75 }, g.input('w', [2]))
    const rowLoss = (row: number, power: number): number => {
      const negatives = [...feeds.n.slice(row * 3, row * 3 + 3)]
      const sum = power * Math.log(sigmoid(feeds.p[row])) + negatives.reduce((s, z) => s + Math.log(1 - sigmoid(z)), 0)
      return -sum / 4
    }
    const power = gbcePower(3, 31, 0.75)
    const [value] = await measure(g, loss, [p, n], feeds)
    expect(difference(value, [(rowLoss(0, power) + 3 * rowLoss(1, power)) / 4])).toBeLessThan(1e-6)
    await checkExpression(g, loss, feeds, [p, n])

    const plain = gbce(g, p, n, { catalogue: 31, calibration: 0 })
    const all = g.concat([g.reshape(p, [2, 1]), n])
    const same = binaryCrossEntropy(g, all, g.constant(Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0), [2, 4]))
    const { a, b } = await runOnnx(g, { a: plain, b: same }, feeds)
    expect(difference(a as Values, b as Values)).toBeLessThan(1e-6)
  })
})
