import { normal, type Tensor } from '../../graph/index.ts'
import { AGES, HOURS, SHARES } from '../ranking-inputs.ts'
import type { RankingTensors } from '../ranking-tensors.ts'

/** Small tables begin as small as the rows of the large ones. */
const small = normal(0.05)

/**
 * [R, K or T, d] one vector per item: the sum of the embeddings of its id, its creator and its categories, as LightFM
 * sums features (Kula 2015), so an item never seen has the part that its creator and categories give it.
 */
export function itemTokens(inputs: RankingTensors, per: 'history' | 'candidate'): Tensor {
  return inputs.embedded(`${per}.token`) // summed where it is gathered
}

/** How history entries say when they were: by time, by their place in the order, by both, or not at all. */
export type Positions = 'none' | 'time' | 'order' | 'both'

/** [R, T, d] history entries: the item, what was done with it, and when. */
export function historyTokens(inputs: RankingTensors, positions: Positions): Tensor {
  const { g, spec } = inputs
  const { width, history, kinds } = spec
  const tables = [
    [kinds, 'history.kind'],
    [SHARES, 'history.share'],
  ] as const
  let tokens = itemTokens(inputs, 'history')
  for (const [rows, name] of tables)
    tokens = g.add(tokens, g.gatherRows(g.parameter(`${name}/table`, [rows, width], small), inputs.plain(name)))
  if (positions === 'time' || positions === 'both')
    tokens = g.add(tokens, g.gatherRows(ages(inputs), inputs.plain('history.age')))
  // The history is flush right: a column is a place in the order, the last column the latest entry.
  if (positions === 'order' || positions === 'both')
    tokens = g.add(tokens, g.parameter('history.order/table', [history, width], small))
  return tokens
}

/** [R, K, d] candidates as the entry that would follow the history: their age is 0. */
export function candidateTokens(inputs: RankingTensors, positions: Positions): Tensor {
  const { g } = inputs
  const tokens = itemTokens(inputs, 'candidate')
  return positions === 'order' || positions === 'none' ? tokens : g.add(tokens, g.slice(ages(inputs), 0, 0, 1))
}

/** [R, d] surface and hour of the day. */
export function contextToken(inputs: RankingTensors): Tensor {
  const { g, spec } = inputs
  const surface = g.gatherRows(
    g.parameter('surface/table', [spec.surfaces, spec.width], small),
    inputs.plain('surface'),
  )
  return g.add(surface, g.gatherRows(g.parameter('hour/table', [HOURS, spec.width], small), inputs.plain('hour')))
}

/** One table for both sides of the comparison. */
function ages(inputs: RankingTensors): Tensor {
  return inputs.shared('history.age/table', [AGES, inputs.spec.width], small)
}
