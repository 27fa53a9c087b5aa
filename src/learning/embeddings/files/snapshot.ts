import type { EmbeddingTable, TableOptions } from '../table.ts'
import { readKeys, tableOf } from './checkpoint.ts'
import { readWhole, type Written, writeWhole } from './file.ts'
import { bytesSource, frame, invalid, joined, openFrame, type Source } from './frame.ts'
import { bytesOf, headerOf, range, type TableHeader, tableHeader } from './headers.ts'

/** Rows per part: copied together where records hold more than the weights. */
const PART_ROWS = 8192

const parse = headerOf<TableHeader>()

/** The ids and weights of a table, without what only training needs: body is ids, weights [rows, dim]. */
export function* snapshotOf(table: EmbeddingTable): Generator<Uint8Array> {
  const { rows, dim } = table
  rows.close()
  const keys = rows.keys.encode(range(rows.count), rows.count)
  const header = tableHeader(table, bytesOf(keys))
  yield* frame('snapshot', header, header.keyBytes + rows.count * dim * 4, [...keys, ...weightsOf(table, rows.count)])
}

/** Writes what serving needs, at the version to which later deltas lead on. */
export function writeSnapshot(table: EmbeddingTable, path: string): Written {
  return writeWhole(path, snapshotOf(table))
}

/** A copy for serving: it can be looked up and take deltas, not be trained. ERR_EMBEDDINGS_INVALID as for checkpoints. */
export function readSnapshot(path: string, options: Pick<TableOptions, 'kernels'> = {}): EmbeddingTable {
  return readWhole(path, (source) => takeSnapshot(source, options))
}

/** A copy for serving, without a file. */
export const snapshotCopy = (table: EmbeddingTable): EmbeddingTable =>
  takeSnapshot(bytesSource(`a copy of "${table.name}"`, joined(snapshotOf(table))))

export function takeSnapshot(source: Source, options: Pick<TableOptions, 'kernels'> = {}): EmbeddingTable {
  const reader = openFrame(source, 'snapshot', parse)
  const { name, dim, ids, rows: count, version, keyBytes } = reader.header
  if (keyBytes + count * dim * 4 !== reader.bodyBytes) throw invalid(source.name, 'its header does not fit its length')
  const table = tableOf(source, { name, dim, ids, optimiser: { kind: 'none' }, ...options })
  const { rows } = table
  const { records } = rows
  rows.extend(count)
  readKeys(table, reader, source)
  reader.read(records.floats.subarray(records.offset(0), records.offset(count)))
  reader.finish()
  rows.times.stamps.fill(version)
  rows.version = version
  rows.versionMin = version
  rows.changed = false
  return table
}

/** The weights of the first `count` rows, part by part. */
function* weightsOf({ rows: { records }, dim }: EmbeddingTable, count: number): Generator<Uint8Array> {
  for (let first = 0; first < count; first += PART_ROWS) {
    const n = Math.min(PART_ROWS, count - first)
    const part = new Float32Array(n * dim)
    for (let i = 0; i < n; i++) {
      const at = records.offset(first + i)
      part.set(records.floats.subarray(at, at + dim), i * dim)
    }
    yield new Uint8Array(part.buffer)
  }
}
