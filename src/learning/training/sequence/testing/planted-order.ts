import { Random } from '../../../../foundation/base/index.ts'
import { type Histories, historiesOf } from '../sequences.ts'

/**
 * A world whose order is planted: after item k of the lower half always comes k + 1; after one of the upper half
 * anything may come, low rows more often. Who reads the last item knows half of what follows; who only counts does not.
 * Every item came from a slate on which the seventh after it was not shown.
 */
export function plantedOrder({ users = 300, items = 40, seed = 'planted order' } = {}): Histories {
  const random = new Random(seed)
  const anything = (): number => Math.floor(items * random.next() ** 1.5)
  const histories = Array.from({ length: users }, () => {
    const history = [anything()]
    const length = 5 + random.int(30)
    while (history.length < length) {
      const last = history.at(-1) as number
      history.push(last < items / 2 ? last + 1 : anything())
    }
    return history
  })
  const made = historiesOf(histories, items)
  const starts = Uint32Array.from({ length: made.item.length + 1 }, (_, place) => place)
  return { ...made, near: { starts, item: made.item.map((row) => (row + 7) % items) } }
}
