import type { Source } from '../../pipeline/index.ts'
import { type Ground, NOTHING } from './ground.ts'

/** Items whose words match the search text, by BM25. */
export function lexical({ indexes }: Ground): Source {
  return {
    name: 'lexical',
    retrieve: ({ text }, limit) => (text === '' ? NOTHING : indexes.lexical.search(text, limit)),
  }
}
