import type { RowKernels } from '../contract.ts'
import type { WasmMemory } from '../../../../foundation/base/index.ts'

const f = Math.fround

/** The kernels of rows.as.ts in TypeScript, equal to the bit: sums keep four lanes and add them in the same order. */
export function rowTwin(memory: WasmMemory): RowKernels {
  const dot = (x: Float32Array, a: number, b: number, dim: number): number => {
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    for (let k = 0; k < dim; k += 4) {
      s0 = f(s0 + f(x[a + k] * x[b + k]))
      s1 = f(s1 + f(x[a + k + 1] * x[b + k + 1]))
      s2 = f(s2 + f(x[a + k + 2] * x[b + k + 2]))
      s3 = f(s3 + f(x[a + k + 3] * x[b + k + 3]))
    }
    return f(f(s0 + s1) + f(s2 + s3))
  }
  return {
    gather(base, stride, rows, n, dim, out) {
      const x = new Float32Array(memory.buffer)
      const row = new Uint32Array(memory.buffer, rows, n)
      let to = out / 4
      for (let i = 0; i < n; i++) {
        const from = (base + row[i] * stride) / 4
        for (let k = 0; k < dim; k++) x[to + k] = x[from + k]
        to += dim
      }
    },
    scatterAdd(source, places, n, dim, sums) {
      const x = new Float32Array(memory.buffer)
      const place = new Uint32Array(memory.buffer, places, n)
      let from = source / 4
      for (let i = 0; i < n; i++) {
        const to = sums / 4 + place[i] * dim
        for (let k = 0; k < dim; k++) x[to + k] += x[from + k]
        from += dim
      }
    },
    scatterShares(source, owners, shares, places, n, dim, sums) {
      const x = new Float32Array(memory.buffer)
      const words = new Uint32Array(memory.buffer)
      for (let i = 0; i < n; i++) {
        const from = source / 4 + words[owners / 4 + i] * dim
        const to = sums / 4 + words[places / 4 + i] * dim
        const share = x[shares / 4 + i]
        for (let k = 0; k < dim; k++) x[to + k] += f(share * x[from + k])
      }
    },
    dots(query, base, stride, first, n, dim, out) {
      const x = new Float32Array(memory.buffer)
      for (let i = 0; i < n; i++) x[out / 4 + i] = dot(x, query / 4, (base + (first + i) * stride) / 4, dim)
    },
    dotsOf(query, base, stride, rows, n, dim, out) {
      const x = new Float32Array(memory.buffer)
      const row = new Uint32Array(memory.buffer, rows, n)
      for (let i = 0; i < n; i++) x[out / 4 + i] = dot(x, query / 4, (base + row[i] * stride) / 4, dim)
    },
  }
}
