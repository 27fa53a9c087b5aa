const DIGIT = 65_536

/**
 * The rows 0..n-1 ordered by their keys (whole numbers from 0 to 2^53), equal keys in order of row. A radix sort of
 * 16-bit digits over what the keys differ in: linear, and beside the result it needs 4 bytes a row. Rows that are
 * already in order are only looked at.
 */
export function stableOrder(n: number, key: (row: number) => number): Uint32Array {
  let order = new Uint32Array(n)
  let low = Number.POSITIVE_INFINITY
  let high = 0
  let ordered = true
  let before = 0
  for (let row = 0; row < n; row++) {
    const value = key(row)
    order[row] = row
    if (value < low) low = value
    if (value > high) high = value
    if (value < before) ordered = false
    before = value
  }
  if (ordered) return order
  let other = new Uint32Array(n)
  const starts = new Uint32Array(DIGIT + 1)
  for (let unit = 1; unit <= high - low; unit *= DIGIT) {
    starts.fill(0)
    for (let row = 0; row < n; row++) starts[(Math.floor((key(row) - low) / unit) % DIGIT) + 1]++
    for (let digit = 1; digit <= DIGIT; digit++) starts[digit] += starts[digit - 1]
    for (let i = 0; i < n; i++) {
      const row = order[i]
      other[starts[Math.floor((key(row) - low) / unit) % DIGIT]++] = row
    }
    ;[order, other] = [other, order]
  }
  return order
}
