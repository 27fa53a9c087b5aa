const bits = new Float32Array(1)
const word = new Uint32Array(bits.buffer)

/** Indices by score, best first; ties by row, ascending; NaN last. */
export function orderOf(scores: Float32Array, rows: Uint32Array): Uint32Array {
  const count = rows.length
  const stride = 2 ** Math.ceil(Math.log2(count + 1))
  // Score and index in one number: typed arrays sort numbers natively, without a comparison in between.
  const keys = new Float64Array(count)
  for (let i = 0; i < count; i++) keys[i] = descending(scores[i]) * stride + i
  keys.sort()
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[i] = keys[i] - Math.floor(keys[i] / stride) * stride
  for (let from = 0; from < count; ) {
    let to = from + 1
    while (to < count && worth(scores[order[to]]) === worth(scores[order[from]])) to++
    if (to - from > 1) order.subarray(from, to).sort((a, b) => rows[a] - rows[b])
    from = to
  }
  return order
}

/** The same of the indices in `among` alone. */
export function orderAmong(scores: Float32Array, rows: Uint32Array, among: Uint32Array): Uint32Array {
  const own = new Float32Array(among.length)
  for (let i = 0; i < own.length; i++) own[i] = scores[among[i]]
  const order = orderOf(
    own,
    among.map((index) => rows[index]),
  )
  for (let i = 0; i < order.length; i++) order[i] = among[order[i]]
  return order
}

const worth = (score: number): number => (Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score)

/** A whole number of 32 bits that is the smaller the greater the score is: its bits, put in order. */
function descending(score: number): number {
  bits[0] = worth(score) + 0 // minus zero becomes zero
  const value = word[0]
  return value >>> 31 ? value : 0x7fff_ffff - value
}
