// Rows of a table in and out of batches. AssemblyScript; compiled by scripts/kernels.js, its twin is twin/rows.ts.
// Addresses are bytes and multiples of 16, `stride` is bytes from row to row, `dim` is a multiple of 4.

import { addressOf } from './address.as'

/** out[i] = table[rows[i]] */
export function gather(base: usize, stride: usize, rows: usize, n: i32, dim: i32, out: usize): void {
  const bytes = <usize>dim << 2
  for (let i = 0; i < n; i++) {
    const from = addressOf(base, stride, rows, i)
    for (let k: usize = 0; k < bytes; k += 16) v128.store(out + k, v128.load(from + k))
    out += bytes
  }
}

/** sums[places[i]] += source[i], in order of i */
export function scatterAdd(source: usize, places: usize, n: i32, dim: i32, sums: usize): void {
  const bytes = <usize>dim << 2
  for (let i = 0; i < n; i++) {
    const to = addressOf(sums, bytes, places, i)
    for (let k: usize = 0; k < bytes; k += 16) {
      v128.store(to + k, f32x4.add(v128.load(to + k), v128.load(source + k)))
    }
    source += bytes
  }
}

/** sums[places[i]] += shares[i] source[owners[i]], in order of i */
export function scatterShares(
  source: usize, owners: usize, shares: usize, places: usize, n: i32, dim: i32, sums: usize,
): void {
  const bytes = <usize>dim << 2
  for (let i = 0; i < n; i++) {
    const from = addressOf(source, bytes, owners, i)
    const to = addressOf(sums, bytes, places, i)
    const share = v128.load32_splat(shares + (<usize>i << 2))
    for (let k: usize = 0; k < bytes; k += 16) {
      v128.store(to + k, f32x4.add(v128.load(to + k), f32x4.mul(share, v128.load(from + k))))
    }
  }
}

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, bytes: usize): f32 {
  let s = f32x4.splat(0)
  for (let k: usize = 0; k < bytes; k += 16) s = f32x4.add(s, f32x4.mul(v128.load(a + k), v128.load(b + k)))
  return (
    f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3))
  )
}

/** out[i] = query . table[first + i] */
export function dots(query: usize, base: usize, stride: usize, first: i32, n: i32, dim: i32, out: usize): void {
  const bytes = <usize>dim << 2
  let from = base + <usize>first * stride
  for (let i = 0; i < n; i++) {
    store<f32>(out + (<usize>i << 2), dot(query, from, bytes))
    from += stride
  }
}

/** out[i] = query . table[rows[i]] */
export function dotsOf(query: usize, base: usize, stride: usize, rows: usize, n: i32, dim: i32, out: usize): void {
  const bytes = <usize>dim << 2
  for (let i = 0; i < n; i++) {
    store<f32>(out + (<usize>i << 2), dot(query, addressOf(base, stride, rows, i), bytes))
  }
}
