import { expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { orderAmong, orderOf } from './order.ts'

/** By comparison: what the order is defined as. */
function compared(scores: Float32Array, rows: Uint32Array): number[] {
  const worth = (i: number) => (Number.isNaN(scores[i]) ? Number.NEGATIVE_INFINITY : (scores[i] as number))
  return Array.from(rows, (_, i) => i).sort((a, b) =>
    worth(a) === worth(b) ? (rows[a] as number) - (rows[b] as number) : worth(a) > worth(b) ? -1 : 1,
  )
}

it('orders by score, best first, ties by row, whatever the scores, all or some', () => {
  const random = new Random('order')
  const odd = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-45, -1e-45, 3.4e38, -3.4e38]
  for (let turn = 0; turn < 50; turn++) {
    const count = random.int(300)
    const scores = Float32Array.from({ length: count }, () =>
      random.chance(0.3) ? random.pick(odd) : random.normal(0, 10 ** random.between(-6, 6)),
    )
    for (let i = 1; i < count; i++) if (random.chance(0.2)) scores[i] = scores[i - 1] as number
    const rows = Uint32Array.from({ length: count }, (_, i) => i * 7)
    random.shuffle(rows)
    const order = compared(scores, rows)
    expect([...orderOf(scores, rows)]).toEqual(order)
    const some = Uint32Array.from(rows, (_, i) => i).filter((i) => i % 3 > 0)
    expect([...orderAmong(scores, rows, some)]).toEqual(order.filter((i) => i % 3 > 0))
  }
})
