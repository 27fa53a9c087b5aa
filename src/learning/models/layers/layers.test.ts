import { describe, expect, it } from 'vitest'
import { Random } from '../../../foundation/base/index.ts'
import { Graph } from '../../graph/index.ts'
import { RankingTensors } from '../ranking-tensors.ts'
import { affine, runGraph } from '../testing/run-graph.ts'
import { toySpec } from '../testing/toy-spec.ts'
import { interest } from './activation-unit.ts'
import { crossLayers } from './cross.ts'
import { dotInteractions } from './dot-interactions.ts'
import { towers } from './heads.ts'
import { joined } from './joined.ts'
import { maskedMean } from './pool.ts'

const random = new Random('layers')
const draw = (length: number) => Float32Array.from({ length }, () => random.normal())
const relu = (x: number) => Math.max(0, x)
const near = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  expect(a.length).toBe(b.length)
  for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i] as number, 4)
}
const rowsOf = (x: Float32Array, width: number) =>
  Array.from({ length: x.length / width }, (_, i) => Array.from(x.subarray(i * width, (i + 1) * width)))

describe('crossLayers', () => {
  it.each([undefined, 2])('is x0 * (W x + b) + x in each layer, rank %s', async (rank) => {
    const g = new Graph()
    const x = g.input('x', [3, 4])
    const y = crossLayers(g, x, 'cross', { layers: 2, ...(rank && { rank }) })
    const feed = draw(12)
    const { values, parameters } = await runGraph(g, y, { x: feed })
    const wanted = rowsOf(feed, 4).flatMap((start) => {
      let row = start
      for (const layer of [0, 1]) {
        const narrow = rank ? affine(row, parameters[`cross/${layer}/narrow`]!) : row
        const image = affine(narrow, parameters[`cross/${layer}/weight`]!, parameters[`cross/${layer}/bias`])
        row = row.map((value, i) => start[i]! * image[i]! + value)
      }
      return row
    })
    near(values, wanted)
  })
})

describe('dotInteractions', () => {
  it('gives the inner product of each pair once', async () => {
    const g = new Graph()
    const y = dotInteractions(g, g.input('x', [2, 3, 4]))
    const feed = draw(24)
    const { values } = await runGraph(g, y, { x: feed })
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)
    const wanted = [0, 1].flatMap((n) => {
      const [a, b, c] = rowsOf(feed, 4).slice(n * 3, n * 3 + 3) as [number[], number[], number[]]
      return [dot(b, a), dot(c, a), dot(c, b)]
    })
    near(values, wanted)
  })
})

describe('maskedMean', () => {
  it('is the mean of what is there, and 0 where nothing is', async () => {
    const g = new Graph()
    const y = maskedMean(g, g.input('x', [2, 3, 2]), g.input('mask', [2, 3]))
    const x = Float32Array.of(9, 9, 1, 2, 3, 6, 7, 7, 7, 7, 7, 7)
    const { values } = await runGraph(g, y, { x, mask: Float32Array.of(0, 1, 1, 0, 0, 0) })
    expect([...values]).toEqual([2, 4, 0, 0])
  })
})

describe('joined', () => {
  it('equals one layer over the request and the candidate side by side', async () => {
    const g = new Graph()
    const parts = { request: [g.input('r', [2, 3])], candidate: [g.input('a', [2, 2, 2]), g.input('b', [2, 2, 1])] }
    const y = joined(g, parts, 'j', 5)
    const [r, a, b] = [draw(6), draw(8), draw(4)]
    const { values, parameters } = await runGraph(g, y, { r, a, b })
    const whole = Float32Array.of(...parameters['j/request/weight']!, ...parameters['j/candidate/weight']!)
    const wanted = [0, 1, 2, 3].flatMap((i) => {
      const row = [...r.subarray(3 * (i >> 1), 3 * (i >> 1) + 3), ...a.subarray(2 * i, 2 * i + 2), b[i]!]
      return affine(row, whole, parameters['j/bias']).map(relu)
    })
    near(values, wanted)
  })

  it.each([1, 2])('multiplies a part by numbers of its request, the same for %s of them', async (R) => {
    const [K, wide, narrow, units] = [3, 2, 1, 4]
    const g = new Graph()
    const a = g.input('a', [R, K, wide])
    const candidate = [
      a,
      { of: a, by: g.input('s', [R, wide]) },
      { of: g.input('b', [R, K, narrow]), by: g.input('t', [R, narrow]) },
    ]
    const y = joined(g, { request: [g.input('r', [R, 2])], candidate }, 'j', units)
    const feeds = {
      a: draw(R * K * wide),
      s: draw(R * wide),
      b: draw(R * K * narrow),
      t: draw(R * narrow),
      r: draw(2 * R),
    }
    const { values, parameters } = await runGraph(g, y, feeds)
    const whole = Float32Array.of(...parameters['j/request/weight']!, ...parameters['j/candidate/weight']!)
    const rows = (x: Float32Array, width: number, i: number) => [...x.subarray(width * i, width * (i + 1))]
    const wanted = Array.from({ length: R * K }, (_, i) => {
      const request = Math.floor(i / K)
      const [own, by] = [rows(feeds.a, wide, i), rows(feeds.s, wide, request)]
      const scaled = own.map((value, d) => value * by[d]!)
      const row = [...rows(feeds.r, 2, request), ...own, ...scaled, feeds.b[i]! * feeds.t[request]!]
      return affine(row, whole, parameters['j/bias']).map(relu)
    })
    near(values, wanted.flat())
  })
})

describe('interest', () => {
  it('equals the unit over [h, t, h - t, h * t] with one matrix', async () => {
    const [R, T, K, d] = [2, 3, 2, 4]
    const g = new Graph()
    const y = interest(g, g.input('h', [R, T, d]), g.input('t', [R, K, d]), g.input('mask', [R, T]), 'din')
    const [h, t] = [draw(R * T * d), draw(R * K * d)]
    const mask = Float32Array.of(0, 1, 1, 1, 1, 1)
    const { values, parameters: p } = await runGraph(g, y, { h, t, mask })
    // With W1 = 0 and W3 = the difference's matrix D: entry = D, candidate = W2 - D, product = W4.
    const [entry, candidate, product] = ['entry', 'candidate', 'product'].map((name) => p[`din/${name}/weight`]!)
    const W2 = candidate!.map((value, i) => value + entry![i]!)
    const whole = Float32Array.of(...new Float32Array(entry!.length), ...W2, ...entry!, ...product!)
    const prelu = (slope: Float32Array) => (x: number, i: number) => (x > 0 ? x : slope[i]! * x)
    const wanted: number[] = []
    for (let i = 0; i < R * K; i++) {
      const r = Math.floor(i / K)
      const target = rowsOf(t, d)[i]!
      const sum = new Array<number>(d).fill(0)
      for (let e = 0; e < T; e++) {
        const past = rowsOf(h, d)[r * T + e]!
        const all = [...past, ...target, ...past.map((x, k) => x - target[k]!), ...past.map((x, k) => x * target[k]!)]
        const first = affine(all, whole, p['din/candidate/bias']).map(prelu(p['din/slope/0']!))
        const second = affine(first, p['din/second/weight']!, p['din/second/bias']).map(prelu(p['din/slope/1']!))
        const [weight] = affine(second, p['din/weight/weight']!, p['din/weight/bias'])
        for (const [k, x] of past.entries()) sum[k] = sum[k]! + x * weight! * mask[r * T + e]!
      }
      wanted.push(...sum)
    }
    near(values, wanted)
  })
})

describe('towers', () => {
  it('mixes experts by a gate per head', async () => {
    const spec = toySpec()
    const H = spec.heads.length
    const g = new Graph()
    const inputs = new RankingTensors(g, spec, 1, 2)
    const parts = { request: [g.input('r', [1, 2])], candidate: [g.input('c', [1, 2, 3])] }
    const y = towers(inputs, parts, { hidden: [6, 4], experts: 3 })
    const [r, c] = [draw(2), draw(6)]
    const { values, parameters: p } = await runGraph(g, y, { r, c })
    const whole = Float32Array.of(...p['tower/joined/request/weight']!, ...p['tower/joined/candidate/weight']!)
    const wanted = rowsOf(c, 3).flatMap((row) => {
      const x = affine([...r, ...row], whole, p['tower/joined/bias']).map(relu)
      const said = rowsOf(
        Float32Array.from(affine(x, p['tower/experts/weight']!, p['tower/experts/bias']).map(relu)),
        4,
      )
      const gates = rowsOf(Float32Array.from(affine(x, p['tower/gates/weight']!, p['tower/gates/bias'])), 3)
      return gates.map((gate, head) => {
        const total = gate.reduce((sum, value) => sum + Math.exp(value), 0)
        const mixed = [0, 1, 2, 3].map((i) => said.reduce((sum, e, n) => sum + (Math.exp(gate[n]!) / total) * e[i]!, 0))
        const inner = affine(mixed, p['tower/heads/inner']!.subarray(head * 16, head * 16 + 16)).map(relu)
        return affine(inner, p['tower/heads/out']!.subarray(head * 4, head * 4 + 4))[0]! + p['tower/heads/bias']![head]!
      })
    })
    expect(values.length).toBe(2 * H)
    near(values, wanted)
  })
})
