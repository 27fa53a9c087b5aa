/** Indices by score, best first; ties by row, ascending; NaN last. */
export function orderOf(scores: Float32Array, rows: Uint32Array): Uint32Array {
  const order = Uint32Array.from({ length: rows.length }, (_, i) => i)
  const worth = (i: number) => (Number.isNaN(scores[i]) ? Number.NEGATIVE_INFINITY : scores[i])
  return order.sort((a, b) => {
    const difference = worth(b) - worth(a)
    return difference > 0 ? 1 : difference < 0 ? -1 : rows[a] - rows[b]
  })
}
