import { DecayedPairs } from '../decayed-pairs.ts'
import type { DefinitionMaker } from '../definition.ts'

/** Pairs held; about 32 bytes each. */
const PAIRS_MAX = 4_000_000
/** Two impressions of a week ago. */
const EPSILON = 0.015
/** Nobody is shown one item more often. */
const IMPRESSIONS_MAX = 10_000

export const fatigueItem: DefinitionMaker = ({ state: { kinds }, histories, scales }) => {
  const shown = new DecayedPairs(scales.fatigue, { pairsMax: PAIRS_MAX, epsilon: EPSILON, fades: true })
  const impression = kinds.code('impression')
  return {
    name: 'fatigue.item',
    entity: 'user x item',
    dims: ['fatigue.item'],
    range: [[0, IMPRESSIONS_MAX]],
    say: 'Impressions of the item to the user since it was last consumed, decayed with a half-life of a day; 0 when there were none.',
    projection: {
      name: 'fatigue.item',
      shelve(shelf) {
        shelf.part('shown', shown)
      },
      apply(event) {
        if (event.user < 0 || event.item < 0) return
        if (event.consumes) shown.remove(event.user, event.item)
        // A late impression from before the click is not one without a click.
        else if (event.kind === impression && histories.lastConsumed(event.user, event.item) < event.at)
          shown.add(event.user, event.item, event.at)
      },
      forget(user) {
        shown.forget(user)
      },
    },
    fill(ask, rows, out, stride, offset) {
      const factor = scales.fatigue.factor(ask.at)
      for (let i = 0, to = offset; i < rows.length; i++, to += stride) out[to] = shown.raw(ask.user, rows[i]) * factor
    },
  }
}
