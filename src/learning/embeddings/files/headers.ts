import type { EmbeddingTable } from '../table.ts'
import type { IdKind } from '../keys/keys.ts'

/** What every file of a table says first. */
export interface TableHeader {
  readonly name: string
  readonly dim: number
  readonly ids: IdKind
  /** Rows in use, reserved and free ones included. */
  readonly rows: number
  /** The version that the file brings a table to. */
  readonly version: number
  /** Bytes of the ids. */
  readonly keyBytes: number
}

export const tableHeader = ({ name, dim, options, rows }: EmbeddingTable, keyBytes: number): TableHeader => ({
  name,
  dim,
  ids: options.ids,
  rows: rows.count,
  version: rows.version,
  keyBytes,
})

/** Parses a header whose named fields must be whole numbers from 0. */
export function headerOf<H extends TableHeader>(...counts: (keyof H & string)[]): (value: unknown) => H {
  return (value) => {
    const header = value as Record<string, unknown>
    if (typeof header !== 'object' || header === null) throw new TypeError('no object')
    if (typeof header['name'] !== 'string') throw new TypeError('"name" is no text')
    if (header['ids'] !== 'text' && header['ids'] !== 'integer')
      throw new TypeError('"ids" is neither text nor integer')
    for (const field of ['dim', 'rows', 'version', 'keyBytes', ...counts]) {
      const count = header[field]
      if (!Number.isSafeInteger(count) || (count as number) < 0) throw new TypeError(`"${field}" is no count`)
    }
    return header as unknown as H
  }
}

export function* range(count: number): Generator<number> {
  for (let i = 0; i < count; i++) yield i
}

export const bytesOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, part) => sum + part.byteLength, 0)
