import { SluiceError } from '../../foundation/base/index.ts'
import { policyOf } from '../../serving/pipeline/index.ts'
import type { SimilarItem } from '../engine.ts'
import type { Parts } from '../parts.ts'
import { viewerOf } from './hydrate.ts'

/** Weight of what was consumed together against what is alike in content; the first needs a crowd, the second none. */
const TOGETHER = 0.7

/**
 * Items like an item: neighbours by co-visitation and by content, merged. What policy would not show a stranger is left out.
 * @throws SluiceError ERR_ITEM_NOT_FOUND
 */
export function similarItems(
  parts: Parts,
  id: string,
  limit: number,
  allowed?: (row: number) => boolean,
): SimilarItem[] {
  const { items } = parts.state
  const row = items.ids.find(id)
  if (!items.has(row)) throw new SluiceError('ERR_ITEM_NOT_FOUND', [id])
  const scores = new Map<number, number>()
  const together = parts.indexes.covisit.neighboursOf(row, limit * 4)
  const alike = parts.indexes.content.like([row], [1], limit * 4)
  for (const [list, weight] of [
    [together, TOGETHER],
    [alike, 1 - TOGETHER],
  ] as const) {
    const best = list.scores[0] ?? 0
    for (let i = 0; i < list.rows.length; i++) {
      const share = best > 0 ? (weight * list.scores[i]) / best : 0
      scores.set(list.rows[i], (scores.get(list.rows[i]) ?? 0) + share)
    }
  }
  const policy = policyOf(parts.filters, { viewer: viewerOf(parts, {}), at: parts.clock.now() })
  return [...scores]
    .filter(([other]) => policy(other) === 0 && (allowed?.(other) ?? true))
    .sort(([a, x], [b, y]) => y - x || a - b)
    .slice(0, limit)
    .map(([other, score]) => {
      const title = items.document(other)?.title
      return {
        item: items.ids.name(other),
        score: Number(score.toPrecision(6)),
        ...(title === undefined ? {} : { title }),
      }
    })
}
