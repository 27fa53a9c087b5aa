import { mix32 } from '../../foundation/base/index.ts'
import { openDelta } from './files/delta.ts'
import type { EmbeddingTable } from './table.ts'

/** A row as it was before anything was learned; without an id when nobody had it. */
interface Origin {
  readonly id: BigUint64Array | undefined
  readonly weights: Float32Array
}

/**
 * What a serving copy of a table of integers learned since it was read: deltas are taken, each whole, and what was there
 * before is kept, so that all of it can be taken back. Says of an id whether its vector is another one now, and which.
 */
export class LearnedRows {
  private readonly table: EmbeddingTable
  private readonly version: number
  private readonly origins = new Map<number, Origin>()
  /** By id: a print of its learned vector. */
  private prints = new Map<number, number>()

  constructor(table: EmbeddingTable) {
    this.table = table
    this.version = table.version
  }

  /** 0 while an id's vector is the one that was read, else a print of what it is. */
  print(id: number): number {
    return this.prints.get(id) ?? 0
  }

  /** The step that takes a delta, which cannot fail any more; it gives the ids whose vectors changed. @throws SluiceError ERR_EMBEDDINGS_INVALID */
  open(delta: Uint8Array): () => Uint32Array {
    const step = openDelta(this.table, delta)
    return () => {
      const lost: number[] = []
      const changed = step((rows) => {
        for (const row of rows) {
          this.keep(row)
          const id = this.idOf(row)
          if (id !== undefined) lost.push(id)
        }
      })
      const before = this.prints
      if (changed.length > 0) this.prints = this.printsOf(changed)
      const met = new Set([...lost, ...before.keys(), ...this.prints.keys()])
      return Uint32Array.from(met).filter((id) => (before.get(id) ?? 0) !== this.print(id))
    }
  }

  /** Takes everything back; gives the ids whose vectors changed by it. */
  forget(): Uint32Array {
    const { rows } = this.table
    const { keys, records } = rows
    const changed = Uint32Array.from(this.prints.keys())
    for (const row of this.origins.keys()) keys.remove(row)
    for (const [row, { id, weights }] of this.origins) {
      if (id && keys.read(id, 0)) keys.add(row)
      records.floats.set(weights, records.offset(row))
      rows.times.stamps[row] = this.version
    }
    rows.version = this.version
    this.origins.clear()
    this.prints.clear()
    return changed
  }

  private keep(row: number): void {
    if (this.origins.has(row)) return
    const { keys, records } = this.table.rows
    const at = records.offset(row)
    const id = keys.has(row) ? BigUint64Array.of(BigInt(keys.name(row))) : undefined
    this.origins.set(row, { id, weights: records.floats.slice(at, at + this.table.dim) })
  }

  private idOf(row: number): number | undefined {
    const { keys } = this.table.rows
    return keys.has(row) ? Number(keys.name(row)) : undefined
  }

  private printsOf(rows: Uint32Array): Map<number, number> {
    const { records } = this.table.rows
    const prints = new Map<number, number>()
    for (const row of rows) {
      const id = this.idOf(row)
      if (id === undefined) continue
      const at = records.offset(row)
      let h = 0
      for (let d = 0; d < this.table.dim; d++) h = mix32(Math.imul(h, 31) ^ records.words[at + d])
      prints.set(id, h === 0 ? 1 : h)
    }
    return prints
  }
}
