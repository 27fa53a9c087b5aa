import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Random, wasm } from '../../../foundation/base/index.ts'
import type { Kernels } from './contract.ts'
import { openKernels, simd } from './open.ts'

const DIM = 12
const STRIDE = (DIM * 3 + 4) * 4
const ROWS = 50
const N = 90
const BASE = 1024
const [rows, places, source, sums, out] = [16_384, 20_480, 24_576, 32_768, 40_960]

/** The same numbers in two memories, changed by either kind of kernels. */
function both(change: (kernels: Kernels) => unknown): [Uint8Array, Uint8Array] {
  const results = (['wasm', 'twin'] as const).map((kind) => {
    const memory = new wasm.Memory({ initial: 1, maximum: 1 })
    const random = new Random('kernels')
    const floats = new Float32Array(memory.buffer)
    for (let i = 0; i < floats.length; i++) floats[i] = random.normal() * 10 ** random.between(-3, 1)
    for (let r = 0; r < ROWS; r++) {
      for (let k = DIM; k < 3 * DIM; k++) floats[(BASE + r * STRIDE) / 4 + k] **= 2
    }
    const words = new Uint32Array(memory.buffer)
    for (let i = 0; i < N; i++) {
      words[rows / 4 + i] = random.int(ROWS)
      words[places / 4 + i] = random.int(30)
    }
    const given = change(openKernels(memory, kind))
    if (given !== undefined) new Float64Array(memory.buffer, 0, 1)[0] = given as number
    return new Uint8Array(memory.buffer)
  })
  return results as [Uint8Array, Uint8Array]
}

const changes: Record<string, (kernels: Kernels) => unknown> = {
  gather: (k) => k.gather(BASE, STRIDE, rows, N, DIM, out),
  scatterAdd: (k) => k.scatterAdd(source, places, N, DIM, sums),
  scatterShares: (k) => k.scatterShares(source, rows, source + 64, places, N, DIM, out),
  dots: (k) => k.dots(source, BASE, STRIDE, 3, 40, DIM, out),
  dotsOf: (k) => k.dotsOf(source, BASE, STRIDE, rows, N, DIM, out),
  sgdRows: (k) => k.sgdRows(BASE, STRIDE, rows, N, DIM, source, 0.1),
  adagradRows: (k) => k.adagradRows(BASE, STRIDE, rows, N, DIM, source, 0.05, 1e-10),
  rowAdagradRows: (k) => k.rowAdagradRows(BASE, STRIDE, rows, N, DIM, source, 0.05, 1e-8),
  adamRows: (k) => k.adamRows(BASE, STRIDE, rows, N, DIM, source, 1e-3, 0.9, 1 - 0.9, 0.999, 1 - 0.999, 1e-8),
  sgd: (k) => k.sgd(BASE, 8192, source, 400, 0.1, 0.9),
  adagrad: (k) => k.adagrad(source, BASE + DIM * 4, sums, 24, 0.05, 1e-10),
  adam: (k) => k.adam(source, sums, BASE + DIM * 4, out, 24, 1e-3, 0.03, 0.9, 1 - 0.9, 0.999, 1 - 0.999, 1e-8),
  add: (k) => k.add(source, sums, 400),
  scale: (k) => k.scale(source, 400, 0.3),
  squares: (k) => k.squares(source, 400),
}

describe.runIf(simd)('each compiled kernel', () => {
  for (const [name, change] of Object.entries(changes)) {
    it(`${name} equals its twin to the bit`, () => {
      const [compiled, twin] = both(change)
      expect(Buffer.compare(compiled, twin)).toBe(0)
      expect(Buffer.compare(compiled, both(() => undefined)[0])).not.toBe(0)
    })
  }
})

it('squares tells a number that is not finite from a large one', () => {
  const memory = new wasm.Memory({ initial: 1, maximum: 1 })
  const floats = new Float32Array(memory.buffer)
  const { squares } = openKernels(memory)
  floats.set([3e38, -3e38, 1, 2])
  expect(Number.isFinite(squares(0, 4))).toBe(true)
  floats[3] = Number.NaN
  expect(squares(0, 4)).toBeNaN()
  floats[3] = Number.NEGATIVE_INFINITY
  expect(squares(0, 4)).toBe(Number.POSITIVE_INFINITY)
})

it.skipIf(!existsSync('node_modules/assemblyscript'))(
  'the committed module is what the sources compile to',
  async () => {
    const script = '../../../../scripts/kernels.js'
    const { compileKernels } = (await import(script)) as { compileKernels: (name: string) => Promise<string> }
    expect(readFileSync(new URL('module.ts', import.meta.url), 'utf8')).toBe(await compileKernels('embeddings'))
  },
)
