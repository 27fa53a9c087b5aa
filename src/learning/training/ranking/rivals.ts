import type { Dataset, RankingRequest } from '../../../stream/samples/index.ts'
import { ItemNeighbours } from '../item-neighbours.ts'

/** Who orders a request without a trained model, to be held against. */
export interface Rival {
  readonly name: string
  /** A score for each impression of a request. */
  score(request: RankingRequest): ArrayLike<number>
}

/** The feature that counts what an item was worth to others lately. */
const POPULARITY = 'item.popularity'

/** What a ranking model is measured beside: what is popular, and what is consumed together. Both know the requests of training alone, and what a viewer did until the request. */
export function plainRivals(samples: Dataset, train: Uint32Array): Rival[] {
  const { width } = samples
  const column = samples.header.featureNames.indexOf(POPULARITY)
  const popularity: Rival = {
    name: 'popularity',
    score: ({ features, items }) => Float32Array.from(items, (_, i) => features[i * width + column] as number),
  }
  const neighbours = neighboursOf(samples, train)
  const together: Rival = {
    name: 'item-kNN',
    score({ items, history }) {
      const scores = neighbours.like(history.items)
      return Float32Array.from(items, (row) => scores.get(row) ?? 0)
    },
  }
  return column < 0 ? [together] : [popularity, together]
}

/** By what the viewers of the requests had consumed when they last asked. */
function neighboursOf(samples: Dataset, train: Uint32Array): ItemNeighbours {
  const latest = new Map<number, { readonly at: number; readonly items: ArrayLike<number> }>()
  let rows = 0
  for (let number = 0; number < samples.requests; number++)
    for (const row of Array.from(samples.request(number).history.items)) rows = Math.max(rows, row + 1)
  for (const number of train) {
    const { user, at, history } = samples.request(number)
    if (user >= 0 && !(at < (latest.get(user)?.at ?? 0))) latest.set(user, { at, items: history.items })
  }
  return new ItemNeighbours(
    rows,
    Array.from(latest.values(), ({ items }) => [...new Set(Array.from(items))]),
  )
}

/** A score of each impression of some requests, one after the other. */
export function scoresBy({ score }: Rival, samples: Dataset, requestNumbers: Uint32Array): Float32Array {
  const out: number[] = []
  for (const number of requestNumbers) for (const one of Array.from(score(samples.request(number)))) out.push(one)
  return Float32Array.from(out)
}
