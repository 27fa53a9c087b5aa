import type { DenseKernels } from '../contract.ts'
import type { WasmMemory } from '../../../../foundation/base/index.ts'

const f = Math.fround
const root = Math.sqrt

/** The kernels of dense.as.ts in TypeScript, equal to the bit: every operation is rounded to float32. */
export function denseTwin(memory: WasmMemory): DenseKernels {
  const view = (address: number, n: number) => new Float32Array(memory.buffer, address, n)
  return {
    sgd(w, v, g, n, rate, momentum) {
      const [weights, velocity, gradient] = [view(w, n), view(v, n), view(g, n)]
      const r = f(rate)
      const mu = f(momentum)
      for (let i = 0; i < n; i++) {
        velocity[i] = f(mu * velocity[i]) + gradient[i]
        weights[i] -= f(r * velocity[i])
      }
    },
    adagrad(w, a, g, n, rate, epsilon) {
      const [weights, sum, gradient] = [view(w, n), view(a, n), view(g, n)]
      const r = f(rate)
      const e = f(epsilon)
      for (let i = 0; i < n; i++) {
        sum[i] += f(gradient[i] * gradient[i])
        weights[i] -= f(f(r * gradient[i]) / f(f(root(sum[i])) + e))
      }
    },
    adam(w, m, v, g, n, step, unbias, beta1, rest1, beta2, rest2, epsilon) {
      const [weights, mean, square, gradient] = [view(w, n), view(m, n), view(v, n), view(g, n)]
      const [s, u, b1, r1, b2, r2, e] = [step, unbias, beta1, rest1, beta2, rest2, epsilon].map(f) as Seven
      for (let i = 0; i < n; i++) {
        const x = gradient[i]
        mean[i] = f(b1 * mean[i]) + f(r1 * x)
        square[i] = f(b2 * square[i]) + f(r2 * f(x * x))
        weights[i] -= f(f(s * mean[i]) / f(f(f(root(square[i])) * u) + e))
      }
    },
    add(x, y, n) {
      const to = view(x, n)
      const from = view(y, n)
      for (let i = 0; i < n; i++) to[i] += from[i]
    },
    scale(x, n, factor) {
      const values = view(x, n)
      const c = f(factor)
      for (let i = 0; i < n; i++) values[i] *= c
    },
    squares(x, n) {
      const values = view(x, n)
      let s0 = 0
      let s1 = 0
      let s2 = 0
      let s3 = 0
      for (let i = 0; i < n; i += 4) {
        s0 += values[i] * values[i]
        s1 += values[i + 1] * values[i + 1]
        s2 += values[i + 2] * values[i + 2]
        s3 += values[i + 3] * values[i + 3]
      }
      return s0 + s2 + (s1 + s3)
    },
  }
}

type Seven = [number, number, number, number, number, number, number]
