// Inner products of one query with many rows. AssemblyScript; compiled by scripts/kernels.js, its twin is twin.ts.
// Addresses are bytes and multiples of 16; `dim` is a multiple of 16; `places` is the address of uint32 row numbers.

// @ts-ignore: decorator
@inline
function dotBytes(query: usize, row: usize, dim: i32): i32 {
  let low = i32x4.splat(0)
  let high = i32x4.splat(0)
  const end = row + <usize>dim
  while (row < end) {
    const x = v128.load(row)
    low = i32x4.add(low, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(x), v128.load(query)))
    high = i32x4.add(high, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(x), v128.load(query, 16)))
    row += 16
    query += 32
  }
  low = i32x4.add(low, high)
  return (
    i32x4.extract_lane(low, 0) + i32x4.extract_lane(low, 1) + i32x4.extract_lane(low, 2) + i32x4.extract_lane(low, 3)
  )
}

// @ts-ignore: decorator
@inline
function dotFloats(query: usize, row: usize, dim: i32): f32 {
  let a = f32x4.splat(0)
  let b = f32x4.splat(0)
  const end = row + (<usize>dim << 2)
  while (row < end) {
    a = f32x4.add(a, f32x4.mul(v128.load(row), v128.load(query)))
    b = f32x4.add(b, f32x4.mul(v128.load(row, 16), v128.load(query, 16)))
    row += 32
    query += 32
  }
  a = f32x4.add(a, b)
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3))
}

// @ts-ignore: decorator
@inline
function dot16(row: usize, low: v128, high: v128): v128 {
  const x = v128.load(row)
  return i32x4.add(
    i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(x), low),
    i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(x), high),
  )
}

/** The products with four rows that lie one after the other: the query is loaded once for all. */
// @ts-ignore: decorator
@inline
function dotFour(query: usize, row: usize, dim: i32): v128 {
  let a = i32x4.splat(0)
  let b = i32x4.splat(0)
  let c = i32x4.splat(0)
  let d = i32x4.splat(0)
  const width = <usize>dim
  const end = row + width
  while (row < end) {
    const low = v128.load(query)
    const high = v128.load(query, 16)
    a = i32x4.add(a, dot16(row, low, high))
    b = i32x4.add(b, dot16(row + width, low, high))
    c = i32x4.add(c, dot16(row + 2 * width, low, high))
    d = i32x4.add(d, dot16(row + 3 * width, low, high))
    row += 16
    query += 32
  }
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7)) // two sums of each, in turn
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7))
  return i32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3))
}

// @ts-ignore: decorator
@inline
function keep(score: i32, i: i32, out: usize, places: usize): void {
  store<i32>(out, score)
  store<i32>(places, i)
}

/** Of query . rows[i], int16 by int8, those that are `least` or more: out and their i, in order; gives how many. */
export function bytesFrom(
  query: usize,
  rows: usize,
  n: i32,
  dim: i32,
  least: i32,
  out: usize,
  places: usize,
): i32 {
  const bar = i32x4.splat(least)
  let kept: usize = 0
  let i = 0
  for (; i + 4 <= n; i += 4) {
    const four = dotFour(query, rows, dim)
    rows += <usize>dim << 2
    const pass = i32x4.bitmask(i32x4.ge_s(four, bar))
    if (pass == 0) continue
    keep(i32x4.extract_lane(four, 0), i, out + kept, places + kept)
    kept += <usize>(pass & 1) << 2
    keep(i32x4.extract_lane(four, 1), i + 1, out + kept, places + kept)
    kept += <usize>(pass & 2) << 1
    keep(i32x4.extract_lane(four, 2), i + 2, out + kept, places + kept)
    kept += <usize>(pass & 4)
    keep(i32x4.extract_lane(four, 3), i + 3, out + kept, places + kept)
    kept += <usize>(pass & 8) >> 1
  }
  for (; i < n; i++) {
    const score = dotBytes(query, rows, dim)
    keep(score, i, out + kept, places + kept)
    kept += <usize>(score >= least) << 2
    rows += <usize>dim
  }
  return <i32>(kept >> 2)
}

/** out[i] = query . rows[places[i]], int16 by int8 into int32 */
export function bytesOf(query: usize, rows: usize, places: usize, n: i32, dim: i32, out: usize): void {
  for (let i = 0; i < n; i++) {
    const row = rows + <usize>load<u32>(places + (<usize>i << 2)) * <usize>dim
    store<i32>(out + (<usize>i << 2), dotBytes(query, row, dim))
  }
}

/** out[i] = query . rows[i], float32 */
export function floats(query: usize, rows: usize, n: i32, dim: i32, out: usize): void {
  for (let i = 0; i < n; i++) {
    store<f32>(out + (<usize>i << 2), dotFloats(query, rows, dim))
    rows += <usize>dim << 2
  }
}
