import { PairTable } from '../../../foundation/base/index.ts'
import { loadIndex, saveIndex } from '../save.ts'
import type { VectorIndex } from '../vector-index.ts'

/** Numbers of 32 bits that make a key. */
export const KEY_WIDTH = 2
const KIND = 'keys'

/**
 * Tells whose vector is whose after a restart, when rows may be numbered anew: by 64 bits of all that a vector was made
 * from. Equal keys mean equal vectors. Of a million keys, one pair in ten million catalogues is equal by accident.
 */
export interface VectorKeys {
  /** Writes the key of the vector that a row has to `out[at]` and after; zeros when it has none. */
  key(row: number, out: Uint32Array, at: number): void
}

/** Rows with the keys of their vectors: [n] and [n, 2]. */
export interface KeyedRows {
  readonly rows: Uint32Array
  readonly keys: Uint32Array
}

/** The keys of all vectors in an index. */
export function keysOf(index: VectorIndex, of: VectorKeys): KeyedRows {
  const rows = index.rows()
  const keys = new Uint32Array(rows.length * KEY_WIDTH)
  for (let i = 0; i < rows.length; i++) of.key(rows[i], keys, i * KEY_WIDTH)
  return { rows, keys }
}

/** @throws SluiceError ERR_DISK_WRITE */
export function saveKeys(path: string, name: string, { rows, keys }: KeyedRows): void {
  saveIndex(path, { kind: KIND, name, dim: KEY_WIDTH, size: rows.length }, [rows, keys])
}

/** @throws SluiceError ERR_INDEX_INVALID for a file that is missing, cut short or damaged */
export function readKeys(path: string): KeyedRows {
  return loadIndex(path, ({ size }, body) => {
    const rows = new Uint32Array(size)
    const keys = new Uint32Array(size * KEY_WIDTH)
    body.read(rows)
    body.read(keys)
    body.finish()
    return { rows, keys }
  })
}

/**
 * By row of `kept`: the row of `living` whose vector has the same key, or -1. Each row is given once; what two are alike
 * in, the second must make anew. Nearly all rows are what they were, so those are looked at first.
 */
export function matchKeys(kept: KeyedRows, living: KeyedRows): Int32Array {
  const rowOf = new Int32Array(kept.rows.reduce((most, row) => Math.max(most, row + 1), 0)).fill(-1)
  const places = placesOf(living.rows)
  const taken = new Uint8Array(living.rows.length)
  const rest: number[] = []
  for (let i = 0; i < kept.rows.length; i++) {
    const place = kept.rows[i] < places.length ? places[kept.rows[i]] : -1
    if (place >= 0 && sameKey(kept.keys, i, living.keys, place)) {
      rowOf[kept.rows[i]] = kept.rows[i]
      taken[place] = 1
    } else rest.push(i)
  }
  if (rest.length > 0) matchMoved(kept, living, rest, taken, rowOf)
  return rowOf
}

function matchMoved(kept: KeyedRows, living: KeyedRows, rest: number[], taken: Uint8Array, rowOf: Int32Array): void {
  const table = new PairTable()
  const rows: number[] = []
  for (let place = 0; place < taken.length; place++) {
    if (taken[place]) continue
    const slot = table.slot(living.keys[place * KEY_WIDTH], living.keys[place * KEY_WIDTH + 1])
    if (slot === rows.length) rows.push(living.rows[place])
  }
  for (const i of rest) {
    const slot = table.find(kept.keys[i * KEY_WIDTH], kept.keys[i * KEY_WIDTH + 1])
    if (slot < 0 || rows[slot] < 0) continue
    rowOf[kept.rows[i]] = rows[slot]
    rows[slot] = -1
  }
}

function placesOf(rows: Uint32Array): Int32Array {
  const places = new Int32Array(rows.reduce((most, row) => Math.max(most, row + 1), 0)).fill(-1)
  for (let place = 0; place < rows.length; place++) places[rows[place]] = place
  return places
}

const sameKey = (a: Uint32Array, i: number, b: Uint32Array, j: number): boolean =>
  a[i * KEY_WIDTH] === b[j * KEY_WIDTH] && a[i * KEY_WIDTH + 1] === b[j * KEY_WIDTH + 1]
