import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import { Column } from '../../foundation/base/index.ts'
import type { ItemPrint } from '../../learning/models/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import { KEY_WIDTH, type KeyedRows, type VectorIndex, type VectorKeys } from '../vectors/index.ts'

/** Items encoded between two turns of the event loop: about two milliseconds. */
const SLICE = 256
/** Items whose print is taken between two turns. */
const PRINTED = 8192
/** Pause after a failure, before what waits is tried again. */
const RETRY_MS = 1000

/** Runs what changes an index: at once, or when no other thread searches it. */
export type ChangeIndex = (work: () => void) => void | Promise<void>

export interface ItemVectorsGround {
  readonly state: State
  /** Vectors of items, [rows, dim]. */
  encode(rows: Uint32Array): Promise<Float32Array>
  /** Of all that the encoder reads of an item. */
  readonly print: ItemPrint
  /** Is told when items cannot be encoded. */
  failed(error: unknown): void
}

/**
 * Keeps the vector of every living item in an index, in step with the catalogue: what is put is encoded within turns of
 * the event loop, what is deleted is gone at once. Waits for each row at most once, so no more than the catalogue waits.
 */
export class ItemVectors implements VectorKeys {
  /** Set it when other threads search the index. Items that are deleted are told by `changed`, which changes it at once. */
  change: ChangeIndex = (work) => work()
  private readonly ground: ItemVectorsGround
  private readonly waiting = new Set<number>()
  /** Print of what each row's vector was made from. */
  private readonly made = new Column(Uint32Array, { width: KEY_WIDTH })
  private held: VectorIndex | undefined
  private working: Promise<void> | undefined
  private filling: Promise<void> | undefined
  private retry: NodeJS.Timeout | undefined
  private closed = false

  constructor(ground: ItemVectorsGround) {
    this.ground = ground
  }

  /** Where the vectors are. */
  get index(): VectorIndex {
    if (!this.held) throw new TypeError('Cannot search item vectors before `begin`')
    return this.held
  }

  /** Share of the living items that have a vector, 0 to 1. */
  get share(): number {
    const { count } = this.ground.state.items
    return count === 0 ? 1 : (this.held?.size ?? 0) / count
  }

  key(row: number, out: Uint32Array, at: number): void {
    for (let i = 0; i < KEY_WIDTH; i++) out[at + i] = row < this.made.rows ? this.made.array[row * KEY_WIDTH + i] : 0
  }

  /** All living items, with the print of what each is now. */
  async living(): Promise<KeyedRows> {
    const { items } = this.ground.state
    const rows = new Uint32Array(items.size)
    const keys = new Uint32Array(items.size * KEY_WIDTH)
    const end = items.size // what comes after waits, see `changed`
    let count = 0
    for (let row = 0; row < end && !this.closed; row++) {
      if (items.has(row)) {
        this.ground.print(row, keys, count * KEY_WIDTH)
        rows[count++] = row
      }
      if (row % PRINTED === PRINTED - 1) await turn()
    }
    return { rows: rows.subarray(0, count), keys: keys.subarray(0, count * KEY_WIDTH) }
  }

  /** Begins with what an index holds, for rows that were living a moment ago. What changed since was told to `changed`. */
  begin(index: VectorIndex, { rows, keys }: KeyedRows = { rows: new Uint32Array(0), keys: new Uint32Array(0) }): void {
    for (let i = 0; i < rows.length; i++) {
      if (!index.has(rows[i])) continue
      if (this.ground.state.items.has(rows[i])) this.note(rows[i], keys, i * KEY_WIDTH)
      else index.remove(rows[i])
    }
    this.held = index
    this.wake()
  }

  /** Another one that has the same takes its place. */
  moveTo(index: VectorIndex): void {
    this.held = index
  }

  /** Encodes every living item that has no vector; what fails is tried again until it is closed. */
  fill(): Promise<void> {
    this.filling ??= this.fillAll().finally(() => {
      this.filling = undefined
    })
    return this.filling
  }

  /** An item was put, changed or deleted. */
  changed(row: number, alive: boolean): void {
    if (!alive) {
      this.waiting.delete(row)
      this.held?.remove(row)
      return
    }
    this.waiting.add(row)
    this.wake()
  }

  /** What the encoder reads of these rows changed: those that are living are encoded again. */
  again(rows: Iterable<number>): void {
    for (const row of rows) if (this.ground.state.items.has(row)) this.waiting.add(row)
    this.wake()
  }

  /** Resolves when nothing waits any more, or the encoder fails. */
  async settled(): Promise<void> {
    while (this.working) await this.working
  }

  /** Stops after the slice at hand. */
  async close(): Promise<void> {
    this.closed = true
    clearTimeout(this.retry)
    await Promise.all([this.working, this.filling])
  }

  private async fillAll(): Promise<void> {
    const { items } = this.ground.state
    for (let from = 0; from < items.size && !this.closed; ) {
      const rows: number[] = []
      let next = from
      for (; next < items.size && rows.length < SLICE; next++) {
        if (items.has(next) && !this.index.has(next)) rows.push(next)
      }
      try {
        await this.put(Uint32Array.from(rows))
        from = next
      } catch (error) {
        this.ground.failed(error)
        await wait(RETRY_MS, undefined, { ref: false })
      }
      await turn()
    }
    await this.settled()
  }

  private wake(): void {
    if (this.working || this.closed || this.retry || !this.held || this.waiting.size === 0) return
    this.working = this.work().finally(() => {
      this.working = undefined
    })
  }

  private async work(): Promise<void> {
    await turn() // so that items put together are encoded together
    while (this.waiting.size > 0 && !this.closed) {
      const rows = this.takeWaiting()
      try {
        await this.put(rows)
      } catch (error) {
        for (const row of rows) this.waiting.add(row)
        this.ground.failed(error)
        this.retry = setTimeout(() => {
          this.retry = undefined
          this.wake()
        }, RETRY_MS).unref()
        return
      }
      await turn()
    }
  }

  private takeWaiting(): Uint32Array {
    const rows: number[] = []
    for (const row of this.waiting) {
      if (rows.length === SLICE) break
      rows.push(row)
      this.waiting.delete(row)
    }
    return Uint32Array.from(rows)
  }

  private async put(rows: Uint32Array): Promise<void> {
    if (rows.length === 0) return
    const { state, encode, print } = this.ground
    const keys = new Uint32Array(rows.length * KEY_WIDTH)
    for (let i = 0; i < rows.length; i++) print(rows[i], keys, i * KEY_WIDTH)
    const vectors = await encode(rows)
    const { dim } = this.index
    await this.change(() => {
      for (const [i, row] of rows.entries()) {
        // Deleted or changed meanwhile: gone, or its turn comes again.
        if (!state.items.has(row)) continue
        this.index.upsert(row, vectors.subarray(i * dim, (i + 1) * dim))
        this.note(row, keys, i * KEY_WIDTH)
      }
    })
  }

  private note(row: number, keys: Uint32Array, at: number): void {
    this.made.ensure(row)
    for (let i = 0; i < KEY_WIDTH; i++) this.made.array[row * KEY_WIDTH + i] = keys[at + i]
  }
}
