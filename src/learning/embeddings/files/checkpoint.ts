import { SluiceError } from '../../../foundation/base/index.ts'
import { EmbeddingTable, type TableOptions } from '../table.ts'
import { readWhole, type Written, writeWhole } from './file.ts'
import { type FrameReader, frame, invalid, openFrame, type Source } from './frame.ts'
import { bytesOf, headerOf, range, type TableHeader, tableHeader } from './headers.ts'

/** All that a table is, so that training goes on from it to the same bits. */
interface CheckpointHeader extends TableHeader {
  readonly options: TableOptions
  readonly steps: number
  readonly versionMin: number
  readonly changed: boolean
  /** Floats per record. */
  readonly width: number
  /** Occurrences since the counters of admission last faded, and bytes of those counters. */
  readonly counted: number
  readonly counters: number
}

const parse = headerOf<CheckpointHeader>('steps', 'versionMin', 'width', 'counted', 'counters')

/** Writes a table with its optimiser's state, times and counters: body is records, touched, stamps, ids, counters. */
export function writeCheckpoint(table: EmbeddingTable, path: string): Written {
  const { rows, admission } = table
  const { records } = rows
  const keys = rows.keys.encode(range(rows.count), rows.count)
  const { kernels: _, ...options } = table.options
  const width = records.stride / 4
  const header: CheckpointHeader = {
    ...tableHeader(table, bytesOf(keys)),
    options,
    steps: table.steps,
    versionMin: rows.versionMin,
    changed: rows.changed,
    width,
    counted: admission.counted,
    counters: admission.counters.byteLength,
  }
  const vectors = records.floats.subarray(records.offset(0), records.offset(rows.count))
  const { touched, stamps } = rows.times
  const body = [bytes(vectors), bytes(touched), bytes(stamps), ...keys, admission.counters]
  return writeWhole(path, frame('checkpoint', header, bytesOf(body), body))
}

/** The table of a checkpoint. ERR_EMBEDDINGS_INVALID for a file that is cut short, damaged or of another kind. */
export function readCheckpoint(path: string, options: Pick<TableOptions, 'kernels'> = {}): EmbeddingTable {
  return readWhole(path, (source) => {
    const reader = openFrame(source, 'checkpoint', parse)
    const { header } = reader
    const wanted = header.rows * (header.width * 4 + 8) + header.keyBytes + header.counters
    if (wanted !== reader.bodyBytes) throw invalid(path, 'its header does not fit its length')
    const table = tableOf(source, { ...header.options, ...options })
    const { rows, admission } = table
    const { records } = rows
    if (records.stride !== header.width * 4 || admission.counters.byteLength !== header.counters) {
      throw invalid(path, 'its header does not fit its options')
    }
    rows.extend(header.rows)
    reader.read(records.floats.subarray(records.offset(0), records.offset(header.rows)))
    reader.read(rows.times.touched)
    reader.read(rows.times.stamps)
    readKeys(table, reader, source)
    reader.read(admission.counters)
    reader.finish()
    admission.counted = header.counted
    table.steps = header.steps
    rows.version = header.version
    rows.versionMin = header.versionMin
    rows.changed = header.changed
    return table
  })
}

/** A table as a file describes it. */
export function tableOf(source: Source, options: TableOptions): EmbeddingTable {
  try {
    return new EmbeddingTable(options)
  } catch (cause) {
    throw new SluiceError('ERR_EMBEDDINGS_INVALID', [source.name, 'its header describes no table'], { cause })
  }
}

/** Reads the ids of all rows into a table that has none yet. */
export function readKeys(table: EmbeddingTable, reader: FrameReader<TableHeader>, source: Source): void {
  const { keys, count } = table.rows
  const section = new Uint8Array(reader.header.keyBytes)
  reader.read(section)
  const ids = keys.decode(section, count)
  if (ids === undefined) throw invalid(source.name, 'its ids are damaged')
  keys.reserve(count)
  for (let row = 0; row < count; row++) if (keys.read(ids, row)) keys.add(row)
  table.rows.findFree()
}

const bytes = (array: ArrayBufferView<ArrayBuffer>): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
