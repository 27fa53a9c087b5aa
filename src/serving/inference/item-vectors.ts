import { setImmediate as turn } from 'node:timers/promises'
import type { State } from '../../stream/catalog/index.ts'
import type { VectorIndex } from '../vectors/index.ts'

/** Items encoded between two turns of the event loop: about two milliseconds. */
const SLICE = 256
/** Pause after a failure, before what waits is tried again. */
const RETRY_MS = 1000

export type EncodeItems = (rows: Uint32Array) => Promise<Float32Array>

/**
 * Keeps the vector of every living item in an index, in step with the catalogue: what is put is encoded within turns of
 * the event loop, what is deleted is gone at once. Waits for each row at most once, so no more than the catalogue waits.
 */
export class ItemVectors {
  /** Where the vectors are; another one may take its place that has the same. */
  index: VectorIndex
  private readonly state: State
  private readonly encode: EncodeItems
  private readonly failed: (error: unknown) => void
  private readonly waiting = new Set<number>()
  private working: Promise<void> | undefined
  private retry: NodeJS.Timeout | undefined
  private closed = false

  constructor(state: State, index: VectorIndex, encode: EncodeItems, failed: (error: unknown) => void) {
    this.state = state
    this.index = index
    this.encode = encode
    this.failed = failed
  }

  /** Encodes the whole catalogue. @throws whatever the encoder throws */
  async fill(): Promise<void> {
    const { items } = this.state
    for (let from = 0; from < items.size && !this.closed; ) {
      const rows: number[] = []
      while (from < items.size && rows.length < SLICE) {
        if (items.has(from)) rows.push(from)
        from++
      }
      await this.put(Uint32Array.from(rows))
      await turn()
    }
  }

  /** An item was put, changed or deleted. */
  changed(row: number, alive: boolean): void {
    if (!alive) {
      this.waiting.delete(row)
      this.index.remove(row)
      return
    }
    this.waiting.add(row)
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
    await this.working
  }

  private wake(): void {
    if (this.working || this.closed || this.retry) return
    this.working = this.work().finally(() => {
      this.working = undefined
    })
  }

  private async work(): Promise<void> {
    await turn() // so that items put together are encoded together
    while (this.waiting.size > 0 && !this.closed) {
      const rows = Uint32Array.from([...this.waiting].slice(0, SLICE))
      for (const row of rows) this.waiting.delete(row)
      try {
        await this.put(rows)
      } catch (error) {
        for (const row of rows) this.waiting.add(row)
        this.failed(error)
        this.retry = setTimeout(() => {
          this.retry = undefined
          this.wake()
        }, RETRY_MS).unref()
        return
      }
      await turn()
    }
  }

  private async put(rows: Uint32Array): Promise<void> {
    if (rows.length === 0) return
    const vectors = await this.encode(rows)
    const { dim } = this.index
    for (const [i, row] of rows.entries()) {
      // Deleted or changed meanwhile: gone, or its turn comes again.
      if (this.state.items.has(row)) this.index.upsert(row, vectors.subarray(i * dim, (i + 1) * dim))
    }
  }
}
