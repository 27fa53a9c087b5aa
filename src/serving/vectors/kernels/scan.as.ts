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

/** out[i] = query . rows[i], int16 by int8 into int32 */
export function bytes(query: usize, rows: usize, n: i32, dim: i32, out: usize): void {
  for (let i = 0; i < n; i++) {
    store<i32>(out + (<usize>i << 2), dotBytes(query, rows, dim))
    rows += <usize>dim
  }
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
