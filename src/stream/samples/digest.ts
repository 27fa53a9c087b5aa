import { createHash } from 'node:crypto'
import type { Dataset } from './dataset.ts'
import { columnsOf } from './file.ts'

/** Hash of all that is in the samples and their header: what a model's manifest names as its data. Hexadecimal. */
export function samplesDigest(dataset: Dataset): string {
  const hash = createHash('sha256').update(JSON.stringify(dataset.header))
  for (const chunk of dataset.chunks) for (const column of columnsOf(chunk)) hash.update(column)
  return hash.digest('hex')
}
