import type { SparseKernels } from '../contract.ts'
import type { WasmMemory } from '../../../../foundation/base/index.ts'

const f = Math.fround
const root = Math.sqrt

/** The kernels of sparse.as.ts in TypeScript, equal to the bit: every operation is rounded to float32. */
export function sparseTwin(memory: WasmMemory): SparseKernels {
  return {
    sgdRows(base, stride, rows, n, dim, sums, rate) {
      const x = new Float32Array(memory.buffer)
      const row = new Uint32Array(memory.buffer, rows, n)
      const r = f(rate)
      for (let i = 0; i < n; i++) {
        const w = (base + row[i] * stride) / 4
        const g = sums / 4 + i * dim
        for (let k = 0; k < dim; k++) x[w + k] -= f(r * x[g + k])
      }
    },
    adagradRows(base, stride, rows, n, dim, sums, rate, epsilon) {
      const x = new Float32Array(memory.buffer)
      const row = new Uint32Array(memory.buffer, rows, n)
      const r = f(rate)
      const e = f(epsilon)
      for (let i = 0; i < n; i++) {
        const w = (base + row[i] * stride) / 4
        const a = w + dim
        const g = sums / 4 + i * dim
        for (let k = 0; k < dim; k++) {
          x[a + k] += f(x[g + k] * x[g + k])
          x[w + k] -= f(f(r * x[g + k]) / f(f(root(x[a + k])) + e))
        }
      }
    },
    rowAdagradRows(base, stride, rows, n, dim, sums, rate, epsilon) {
      const x = new Float32Array(memory.buffer)
      const row = new Uint32Array(memory.buffer, rows, n)
      const lanes = new Float32Array(4)
      const r = f(rate)
      const e = f(epsilon)
      for (let i = 0; i < n; i++) {
        const w = (base + row[i] * stride) / 4
        const g = sums / 4 + i * dim
        lanes.fill(0)
        for (let k = 0; k < dim; k++) lanes[k & 3] += f(x[g + k] * x[g + k])
        const sum = f(f(lanes[0] + lanes[1]) + f(lanes[2] + lanes[3]))
        x[w + dim] += f(sum / dim)
        const step = f(r / f(f(root(x[w + dim])) + e))
        for (let k = 0; k < dim; k++) x[w + k] -= f(step * x[g + k])
      }
    },
    adamRows(base, stride, rows, n, dim, sums, step, beta1, rest1, beta2, rest2, epsilon) {
      const x = new Float32Array(memory.buffer)
      const row = new Uint32Array(memory.buffer, rows, n)
      const [s, b1, r1, b2, r2, e] = [step, beta1, rest1, beta2, rest2, epsilon].map(f) as Six
      for (let i = 0; i < n; i++) {
        const w = (base + row[i] * stride) / 4
        const m = w + dim
        const v = m + dim
        const from = sums / 4 + i * dim
        for (let k = 0; k < dim; k++) {
          const g = x[from + k]
          x[m + k] = f(b1 * x[m + k]) + f(r1 * g)
          x[v + k] = f(b2 * x[v + k]) + f(r2 * f(g * g))
          x[w + k] -= f(f(s * x[m + k]) / f(f(root(x[v + k])) + e))
        }
      }
    },
  }
}

type Six = [number, number, number, number, number, number]
