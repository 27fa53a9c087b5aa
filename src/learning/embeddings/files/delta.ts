import type { EmbeddingTable } from '../table.ts'
import { bytesSource, frame, invalid, joined, openFrame } from './frame.ts'
import { bytesOf, headerOf, type TableHeader, tableHeader } from './headers.ts'

interface DeltaHeader extends TableHeader {
  /** The version from which it leads on. */
  readonly since: number
  /** Rows in it. */
  readonly changed: number
}

const parse = headerOf<DeltaHeader>('since', 'changed')

/**
 * Everything that changed in a table after a version, freed rows included, as of now: body is row numbers u32, ids,
 * weights [changed, dim]. A copy at `since` becomes equal to the table. RangeError for versions before the table's
 * first, of which it does not know what changed: take a snapshot then.
 */
export function deltaSince(table: EmbeddingTable, since: number): Uint8Array<ArrayBuffer> {
  const { rows, dim } = table
  const { records } = rows
  if (!Number.isInteger(since) || since < rows.versionMin || since > rows.version) {
    const known = `${rows.versionMin} to ${rows.version}`
    throw new RangeError(`Cannot tell what changed in "${table.name}" since version ${since}: known are ${known}`)
  }
  rows.close()
  const changed = Uint32Array.from(rows.changedSince(since))
  const keys = rows.keys.encode(changed, changed.length)
  const weights = new Float32Array(changed.length * dim)
  changed.forEach((row, i) => {
    const at = records.offset(row)
    weights.set(records.floats.subarray(at, at + dim), i * dim)
  })
  const body = [new Uint8Array(changed.buffer), ...keys, new Uint8Array(weights.buffer)]
  const header: DeltaHeader = { ...tableHeader(table, bytesOf(keys)), since, changed: changed.length }
  return joined(frame('delta', header, bytesOf(body), body))
}

/**
 * Brings a serving copy to the version of a delta: wholly, or not at all with ERR_EMBEDDINGS_INVALID. Gives the rows
 * that changed. A delta that the copy has already passed changes nothing; one that skips versions is refused.
 */
export const applyDelta = (table: EmbeddingTable, delta: Uint8Array): Uint32Array => openDelta(table, delta)()

/** Applies a delta and gives the rows that changed; `before` is told them while they are as they were. */
export type DeltaStep = (before?: (rows: Uint32Array) => void) => Uint32Array

/**
 * Holds a delta against a serving copy and gives the step that applies it, which cannot fail any more: to change several
 * tables all or none, open the deltas of all of them first. Nothing else may change the copy in between.
 */
export function openDelta(table: EmbeddingTable, delta: Uint8Array): DeltaStep {
  if (table.options.optimiser.kind !== 'none') {
    throw new TypeError(`Cannot apply a delta to "${table.name}": it is trained here, and not a copy for serving`)
  }
  const name = `the delta of "${table.name}"`
  const reader = openFrame(bytesSource(name, delta), 'delta', parse)
  const { header } = reader
  const { rows, dim } = table
  const { keys } = rows
  if (header.name !== table.name || header.dim !== dim || header.ids !== keys.kind) {
    throw invalid(name, `it is of table "${header.name}" with ${header.dim} elements and ids of ${header.ids}`)
  }
  if (header.since > rows.version) {
    throw invalid(name, `it leads on from version ${header.since} and the table is at ${rows.version}`)
  }
  if (header.changed * (4 + dim * 4) + header.keyBytes !== reader.bodyBytes) {
    throw invalid(name, 'its header does not fit its length')
  }
  const changed = new Uint32Array(header.changed)
  const section = new Uint8Array(header.keyBytes)
  const weights = new Float32Array(header.changed * dim)
  for (const part of [changed, section, weights]) reader.read(part)
  reader.finish()
  if (header.version <= rows.version) return () => new Uint32Array(0)
  const ids = keys.decode(section, changed.length)
  if (ids === undefined) throw invalid(name, 'its ids are damaged')
  if (header.rows < rows.count || changed.some((row, i) => row >= header.rows || (i > 0 && row <= changed[i - 1]))) {
    throw invalid(name, 'its row numbers are not those of this table')
  }
  const listed = new Uint8Array(header.rows)
  for (const row of changed) listed[row] = 1
  for (let i = 0; i < changed.length; i++) {
    const held = keys.read(ids, i) ? keys.find() : -1
    if (held >= 0 && listed[held] === 0) throw invalid(name, `id ${keys.name(held)} has another row in this table`)
  }

  rows.extend(header.rows) // the last thing that can fail: rows without an id are nobody's
  return (before) => {
    before?.(changed)
    for (const row of changed) keys.remove(row)
    const { records } = rows
    const { stamps } = rows.times
    for (let i = 0; i < changed.length; i++) {
      if (keys.read(ids, i)) keys.add(changed[i])
      records.floats.set(weights.subarray(i * dim, (i + 1) * dim), records.offset(changed[i]))
      stamps[changed[i]] = header.version
    }
    rows.version = header.version
    return changed
  }
}

/**
 * Has the deltas of a table lead on from a delta of another copy that began where this table is: they are later than that
 * one, and hold every row that it changed, as this table has it. So whoever took it comes to what this table is.
 */
export function supersede(table: EmbeddingTable, delta: Uint8Array): void {
  const name = `the delta of "${table.name}"`
  const reader = openFrame(bytesSource(name, delta), 'delta', parse)
  const { header } = reader
  const { rows, dim } = table
  const fits = header.name === table.name && header.dim === dim && header.since <= rows.version
  if (!fits || header.rows > rows.rowsMax || header.changed * 4 > reader.bodyBytes) {
    throw invalid(name, 'it does not begin where this table is')
  }
  const changed = new Uint32Array(header.changed)
  reader.read(changed)
  if (changed.some((row) => row >= header.rows)) throw invalid(name, 'its row numbers are not those of a table')
  rows.extend(header.rows)
  rows.findFree()
  rows.version = Math.max(rows.version, header.version)
  for (const row of changed) rows.stamp(row)
  rows.close()
}
