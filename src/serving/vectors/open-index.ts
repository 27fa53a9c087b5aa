import { SluiceError } from '../../foundation/base/index.ts'
import { ExactIndex } from './exact.ts'
import { IvfIndex } from './ivf/ivf.ts'
import { type IndexBody, type IndexHeader, loadIndex } from './save.ts'
import type { VectorIndex } from './vector-index.ts'

type Opener = (header: IndexHeader, body: IndexBody) => VectorIndex

const openers: Readonly<Record<string, Opener>> = {
  exact: ({ dim, size }, body) => {
    const rows = new Uint32Array(size)
    const vectors = new Float32Array(size * dim)
    body.read(rows)
    body.read(vectors)
    body.finish()
    const index = new ExactIndex(dim)
    rows.forEach((row, i) => {
      index.upsert(row, vectors.subarray(i * dim, (i + 1) * dim))
    })
    return index
  },
  ivf: IvfIndex.open,
}

/**
 * Reads a whole index from a file, in one pass. `name`: whose vectors are expected; an index of another embedding
 * version is refused, because its inner products with these queries mean nothing.
 * @throws SluiceError ERR_INDEX_INVALID for a file that is cut short, damaged, of another format or of other vectors
 */
export function openIndex(path: string, name?: string): VectorIndex {
  return loadIndex(path, (header, body) => {
    const fail = (why: string) => new SluiceError('ERR_INDEX_INVALID', [path, why])
    if (name !== undefined && header.name !== name) throw fail(`it holds vectors of ${header.name}, not of ${name}`)
    const opener = Object.hasOwn(openers, header.kind) ? openers[header.kind] : undefined
    if (!opener) throw fail(`it is of kind "${header.kind}", known are ${Object.keys(openers).join(', ')}`)
    return opener(header, body)
  })
}
