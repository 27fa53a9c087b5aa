import type { Source } from '../../pipeline/index.ts'
import { type Ground, NOTHING } from './ground.ts'

/** Items whose words match the search text, by BM25. */
export function lexical({ searches }: Ground): Source {
  return {
    name: 'lexical',
    retrieve: ({ text, at }, limit) => (text === '' ? NOTHING : searches.find(text, limit, at)),
  }
}
