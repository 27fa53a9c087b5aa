import { type AppliedEvent, ageBand } from '../../catalog/index.ts'
import { DecayedPairs } from '../decayed-pairs.ts'
import { type DefinitionMaker, type FeatureAsk, ranges } from '../definition.ts'

const PAIRS_MAX = 2_000_000
const EPSILON = 0.01

/** Popularity of an item in one audience: what a cold user's country and age say. */
function audience(
  name: string,
  who: string,
  ofEvent: (event: AppliedEvent) => number,
  ofAsk: (ask: FeatureAsk, age: (user: number) => number) => number,
): DefinitionMaker {
  return ({ state: { users }, popularity: { scale } }) => {
    const sums = new DecayedPairs(scale, { pairsMax: PAIRS_MAX, epsilon: EPSILON })
    const ageOf = (user: number) => (user >= 0 && user < users.age.rows ? users.age.array[user] : -1)
    return {
      name,
      entity: `item x ${who}`,
      dims: [name],
      range: ranges.log,
      say: `log(1 + decayed sum of positive strength) of the item among users of the viewer’s ${who}; 0 when unknown.`,
      projection: {
        name,
        shelve(shelf) {
          shelf.part('sums', sums)
        },
        apply(event) {
          const group = ofEvent(event)
          if (event.item >= 0 && group >= 0 && event.strength > 0) sums.add(event.item, group, event.at, event.strength)
        },
        forget() {},
      },
      fill(ask, rows, out, stride, offset) {
        const group = ofAsk(ask, ageOf)
        const factor = scale.factor(ask.at)
        for (let i = 0, to = offset; i < rows.length; i++, to += stride)
          out[to] = group < 0 ? 0 : Math.log1p(sums.raw(rows[i], group) * factor)
      },
    }
  }
}

export const popularityCountry = audience(
  'popularity.country',
  'country',
  (event) => event.country,
  (ask) => ask.country,
)

/** Band 0, age unknown, is nobody's audience. */
export const popularityBand = audience(
  'popularity.band',
  'age band',
  (event) => event.band || -1,
  (ask, age) => ageBand(age(ask.user)) || -1,
)
