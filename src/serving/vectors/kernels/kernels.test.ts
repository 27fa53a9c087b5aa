import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Random, wasm } from '../../../foundation/base/index.ts'
import type { ScanKernels } from './contract.ts'
import { openKernels, simd } from './open.ts'

const DIM = 48
const ROWS = 60
const [query, rows, places, out, kept, count] = [0, 1024, 32_768, 40_960, 43_008, 45_056]
/** A little above half of the products are this or more. */
const LEAST = -20_000

type Scan = (kernels: ScanKernels, buffer: SharedArrayBuffer) => void

/** Notes how many were kept; what lies behind them is nobody's. */
const from =
  (n: number, least: number): Scan =>
  (kernels, buffer) => {
    const found = kernels.bytesFrom(query, rows, n, DIM, least, out, kept)
    for (const at of [out, kept]) new Int32Array(buffer, at, ROWS).fill(0, found)
    new Int32Array(buffer, count, 1)[0] = found
  }

/** The same numbers in two memories, read by either kind of kernels. */
function both(scan: Scan, floats: boolean): [Uint8Array, Uint8Array] {
  const results = (['wasm', 'twin'] as const).map((kind) => {
    const memory = new wasm.Memory({ initial: 1, maximum: 65_535, shared: true })
    const random = new Random('scan')
    if (floats) {
      const x = new Float32Array(memory.buffer)
      for (let i = 0; i < x.length; i++) x[i] = random.normal() * 10 ** random.between(-3, 1)
    } else {
      const bytes = new Uint8Array(memory.buffer)
      for (let i = 0; i < bytes.length; i++) bytes[i] = random.int(256)
      new Int16Array(memory.buffer, query, DIM).set(Array.from({ length: DIM }, () => random.int(4095) - 2047))
    }
    new Uint32Array(memory.buffer, places, ROWS).set(Array.from({ length: ROWS }, () => random.int(ROWS)))
    scan(openKernels(memory, kind), memory.buffer)
    return new Uint8Array(new Uint8Array(memory.buffer))
  })
  return results as [Uint8Array, Uint8Array]
}

describe.runIf(simd)('each compiled scan', () => {
  const scans: Record<string, [Scan, boolean]> = {
    bytesFrom: [from(ROWS, LEAST), false],
    'bytesFrom of any': [from(ROWS, -0x8000_0000), false],
    'bytesFrom of seven rows': [from(7, LEAST), false],
    bytesOf: [(k) => k.bytesOf(query, rows, places, ROWS, DIM, out), false],
    floats: [(k) => k.floats(query, rows, ROWS, DIM, out), true],
  }
  for (const [name, [scan, floats]] of Object.entries(scans)) {
    it(`${name} equals its twin to the bit`, () => {
      const [compiled, twin] = both(scan, floats)
      expect(Buffer.compare(compiled, twin)).toBe(0)
      expect(Buffer.compare(compiled, both(() => undefined, floats)[0])).not.toBe(0)
    })
  }
})

it('bytesFrom keeps what reaches the bar, in order', () => {
  const memory = new wasm.Memory({ initial: 1, maximum: 65_535, shared: true })
  const dim = 16
  new Int16Array(memory.buffer, query, dim)[0] = 1
  const first = [5, -3, 7, 7, 6, 127, -128, 7, 6, 9]
  for (const [i, x] of first.entries()) new Int8Array(memory.buffer, rows + i * dim, dim)[0] = x
  expect(openKernels(memory).bytesFrom(query, rows, first.length, dim, 7, out, kept)).toBe(5)
  expect(Array.from(new Int32Array(memory.buffer, out, 5))).toEqual([7, 7, 127, 7, 9])
  expect(Array.from(new Uint32Array(memory.buffer, kept, 5))).toEqual([2, 3, 5, 7, 9])
})

it('bytesFrom does not overflow at the ends of its range', () => {
  const memory = new wasm.Memory({ initial: 1, maximum: 65_535, shared: true })
  const dim = 8192
  new Int16Array(memory.buffer, query, dim).fill(-2047)
  new Int8Array(memory.buffer, 16_384, 5 * dim).fill(127)
  expect(openKernels(memory).bytesFrom(query, 16_384, 5, dim, -0x8000_0000, 0xe000, 0xf000)).toBe(5)
  expect(new Int32Array(memory.buffer, 0xe000, 5)[4]).toBe(-2047 * 127 * dim)
})

it.skipIf(!existsSync('node_modules/assemblyscript'))(
  'the committed module is what the sources compile to',
  async () => {
    const script = '../../../../scripts/kernels.js'
    const { compileKernels } = (await import(script)) as { compileKernels: (name: string) => Promise<string> }
    expect(readFileSync(new URL('module.ts', import.meta.url), 'utf8')).toBe(await compileKernels('vectors'))
  },
)
