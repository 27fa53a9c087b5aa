import type { Source } from '../../pipeline/index.ts'
import { first } from './first.ts'
import type { Ground } from './ground.ts'

/** What gets clearly more attention now than it used to, everywhere and in the viewer's country. */
export function trending({ indexes }: Ground): Source {
  return {
    name: 'trending',
    retrieve: ({ viewer, at }, limit) => first(indexes.lists.trending(viewer.country, at), limit),
  }
}
