/** Where the row is that stands at rows[i]. */
// @ts-ignore: decorator
@inline
export function addressOf(base: usize, stride: usize, rows: usize, i: i32): usize {
  return base + <usize>load<u32>(rows + (<usize>i << 2)) * stride
}
