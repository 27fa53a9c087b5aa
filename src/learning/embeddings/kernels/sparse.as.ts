// One optimiser step on the rows of a batch. AssemblyScript; compiled by scripts/kernels.js, its twin is twin/sparse.ts.
// A row's record holds its weights [dim] and after them the optimiser's state. `sums` holds one gradient [dim] per row.
import { addressOf } from './address.as'

/** w -= rate g */
export function sgdRows(base: usize, stride: usize, rows: usize, n: i32, dim: i32, sums: usize, rate: f32): void {
  const bytes = <usize>dim << 2
  const r = f32x4.splat(rate)
  for (let i = 0; i < n; i++) {
    const w = addressOf(base, stride, rows, i)
    for (let k: usize = 0; k < bytes; k += 16) {
      v128.store(w + k, f32x4.sub(v128.load(w + k), f32x4.mul(r, v128.load(sums + k))))
    }
    sums += bytes
  }
}

/** a += g g; w -= rate g / (sqrt(a) + epsilon). State: a [dim]. */
export function adagradRows(
  base: usize, stride: usize, rows: usize, n: i32, dim: i32, sums: usize, rate: f32, epsilon: f32,
): void {
  const bytes = <usize>dim << 2
  const r = f32x4.splat(rate)
  const e = f32x4.splat(epsilon)
  for (let i = 0; i < n; i++) {
    const w = addressOf(base, stride, rows, i)
    for (let k: usize = 0; k < bytes; k += 16) {
      const at = w + k
      const g = v128.load(sums + k)
      const a = f32x4.add(v128.load(at + bytes), f32x4.mul(g, g))
      v128.store(at + bytes, a)
      const step = f32x4.div(f32x4.mul(r, g), f32x4.add(f32x4.sqrt(a), e))
      v128.store(at, f32x4.sub(v128.load(at), step))
    }
    sums += bytes
  }
}

/** a += mean(g g); w -= rate / (sqrt(a) + epsilon) g. State: a [1]. */
export function rowAdagradRows(
  base: usize, stride: usize, rows: usize, n: i32, dim: i32, sums: usize, rate: f32, epsilon: f32,
): void {
  const bytes = <usize>dim << 2
  for (let i = 0; i < n; i++) {
    const w = addressOf(base, stride, rows, i)
    let s = f32x4.splat(0)
    for (let k: usize = 0; k < bytes; k += 16) {
      const g = v128.load(sums + k)
      s = f32x4.add(s, f32x4.mul(g, g))
    }
    const sum =
      f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3))
    const a = load<f32>(w + bytes) + sum / <f32>dim
    store<f32>(w + bytes, a)
    const step = f32x4.splat(rate / (sqrt<f32>(a) + epsilon))
    for (let k: usize = 0; k < bytes; k += 16) {
      v128.store(w + k, f32x4.sub(v128.load(w + k), f32x4.mul(step, v128.load(sums + k))))
    }
    sums += bytes
  }
}

/** m = beta1 m + rest1 g; v = beta2 v + rest2 g g; w -= step m / (sqrt(v) + epsilon). State: m, v [dim each]. */
export function adamRows(
  base: usize, stride: usize, rows: usize, n: i32, dim: i32, sums: usize,
  step: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, epsilon: f32,
): void {
  const bytes = <usize>dim << 2
  const b1 = f32x4.splat(beta1)
  const r1 = f32x4.splat(rest1)
  const b2 = f32x4.splat(beta2)
  const r2 = f32x4.splat(rest2)
  const s = f32x4.splat(step)
  const e = f32x4.splat(epsilon)
  for (let i = 0; i < n; i++) {
    const w = addressOf(base, stride, rows, i)
    for (let k: usize = 0; k < bytes; k += 16) {
      const at = w + k
      const g = v128.load(sums + k)
      const m = f32x4.add(f32x4.mul(b1, v128.load(at + bytes)), f32x4.mul(r1, g))
      const v = f32x4.add(f32x4.mul(b2, v128.load(at + 2 * bytes)), f32x4.mul(r2, f32x4.mul(g, g)))
      v128.store(at + bytes, m)
      v128.store(at + 2 * bytes, v)
      v128.store(at, f32x4.sub(v128.load(at), f32x4.div(f32x4.mul(s, m), f32x4.add(f32x4.sqrt(v), e))))
    }
    sums += bytes
  }
}
