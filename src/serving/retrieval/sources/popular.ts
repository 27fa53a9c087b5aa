import type { Source } from '../../pipeline/index.ts'
import { first } from './first.ts'
import type { Ground } from './ground.ts'

/** What is popular among viewers like this one: by country and age band, shrunk towards everybody. */
export function popular({ indexes }: Ground): Source {
  return {
    name: 'popular',
    retrieve: ({ viewer, at }, limit) => first(indexes.lists.popular(viewer.country, viewer.band, at), limit),
  }
}
