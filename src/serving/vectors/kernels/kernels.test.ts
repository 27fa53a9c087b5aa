import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Random, wasm } from '../../../foundation/base/index.ts'
import type { ScanKernels } from './contract.ts'
import { openKernels, simd } from './open.ts'

const DIM = 48
const ROWS = 60
const [query, rows, places, out] = [0, 1024, 32_768, 40_960]

/** The same numbers in two memories, read by either kind of kernels. */
function both(scan: (kernels: ScanKernels) => void, floats: boolean): [Uint8Array, Uint8Array] {
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
    scan(openKernels(memory, kind))
    return new Uint8Array(new Uint8Array(memory.buffer))
  })
  return results as [Uint8Array, Uint8Array]
}

describe.runIf(simd)('each compiled scan', () => {
  const scans: Record<string, [(kernels: ScanKernels) => void, boolean]> = {
    bytes: [(k) => k.bytes(query, rows, ROWS, DIM, out), false],
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

it('bytes does not overflow at the ends of its range', () => {
  const memory = new wasm.Memory({ initial: 1, maximum: 65_535, shared: true })
  const dim = 8192
  new Int16Array(memory.buffer, query, dim).fill(-2047)
  new Int8Array(memory.buffer, 32_768, dim).fill(127)
  openKernels(memory).bytes(query, 32_768, 1, dim, out)
  expect(new Int32Array(memory.buffer, out, 1)[0]).toBe(-2047 * 127 * dim)
})

it.skipIf(!existsSync('node_modules/assemblyscript'))(
  'the committed module is what the sources compile to',
  async () => {
    const script = '../../../../scripts/kernels.js'
    const { compileKernels } = (await import(script)) as { compileKernels: (name: string) => Promise<string> }
    expect(readFileSync(new URL('module.ts', import.meta.url), 'utf8')).toBe(await compileKernels('vectors'))
  },
)
