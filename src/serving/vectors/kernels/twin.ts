import type { WasmMemory } from '../../../foundation/base/index.ts'
import type { ScanKernels } from './contract.ts'

const f = Math.fround
const LANES = 8

/** The kernels of scan.as.ts in TypeScript, equal to the bit: floats keep eight lanes and add them in the same order. */
export function twinKernels(memory: WasmMemory<ArrayBufferLike>): ScanKernels {
  const dotBytes = (query: number, row: number, dim: number): number => {
    const q = new Int16Array(memory.buffer, query, dim)
    const x = new Int8Array(memory.buffer, row, dim)
    let sum = 0
    for (let d = 0; d < dim; d++) sum += q[d] * x[d]
    return sum
  }
  const dotFloats = (query: number, row: number, dim: number): number => {
    const q = new Float32Array(memory.buffer, query, dim)
    const x = new Float32Array(memory.buffer, row, dim)
    const lanes = new Float32Array(LANES)
    for (let d = 0; d < dim; d++) lanes[d % LANES] = f(lanes[d % LANES] + f(q[d] * x[d]))
    const [a = 0, b = 0, c = 0, e = 0] = Array.from({ length: 4 }, (_, lane) => f(lanes[lane] + lanes[lane + 4]))
    return f(f(a + b) + f(c + e))
  }
  return {
    bytesFrom(query, rows, n, dim, least, out, places) {
      const to = new Int32Array(memory.buffer, out, n)
      const at = new Uint32Array(memory.buffer, places, n)
      let kept = 0
      for (let i = 0; i < n; i++) {
        const score = dotBytes(query, rows + i * dim, dim)
        if (score < least) continue
        to[kept] = score
        at[kept++] = i
      }
      return kept
    },
    bytesOf(query, rows, places, n, dim, out) {
      const at = new Uint32Array(memory.buffer, places, n)
      const to = new Int32Array(memory.buffer, out, n)
      for (let i = 0; i < n; i++) to[i] = dotBytes(query, rows + at[i] * dim, dim)
    },
    floats(query, rows, n, dim, out) {
      const to = new Float32Array(memory.buffer, out, n)
      for (let i = 0; i < n; i++) to[i] = dotFloats(query, rows + i * dim * 4, dim)
    },
  }
}
