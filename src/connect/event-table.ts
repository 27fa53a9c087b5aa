import { IdTable } from '../foundation/base/index.ts'
import type { ImportStep, Place } from './contract.ts'
import { contentId } from './event-id.ts'
import { stableOrder } from './stable-order.ts'

const BLOCK = 65_536

const makeBlock = () => ({
  users: new Uint32Array(BLOCK),
  items: new Uint32Array(BLOCK),
  kinds: new Uint16Array(BLOCK),
  values: new Float64Array(BLOCK), // NaN: none
  times: new Float64Array(BLOCK),
  lines: new Uint32Array(BLOCK),
})
type Block = ReturnType<typeof makeBlock>

/**
 * Events of a source that is not in order of time, held until all are read: 30 bytes each in blocks (nothing is copied
 * to grow), and 8 more while they are put in order. 25 million ratings take about 1 GB and no objects.
 */
export class EventTable {
  readonly users = new IdTable()
  readonly items = new IdTable()
  private readonly kinds = new IdTable()
  private readonly blocks: Block[] = []
  /** The files, and the row that the first event of each went to. */
  private readonly files: { readonly file: string; readonly first: number }[] = []
  size = 0

  /** The events that are added from now on stand in this file. */
  begin(file: string): void {
    this.files.push({ file, first: this.size })
  }

  /** `value` NaN: none. `at`: milliseconds, or any unit that `scaleTimes` turns into them later. `line`: where it stands in its file, from 1. */
  add(user: string, item: string, kind: string, value: number, at: number, line: number): void {
    const cell = this.size++ % BLOCK
    if (cell === 0) this.blocks.push(makeBlock())
    const block = this.blocks[this.blocks.length - 1] as Block
    block.users[cell] = this.users.row(user)
    block.items[cell] = this.items.row(item)
    block.kinds[cell] = this.kinds.row(kind)
    block.values[cell] = value
    block.times[cell] = at
    block.lines[cell] = line
  }

  /** Turns the times of the events from row `first` on into milliseconds. */
  scaleTimes(first: number, unitMs: number): void {
    if (unitMs === 1) return
    for (let row = first; row < this.size; row++)
      (this.blocks[Math.floor(row / BLOCK)] as Block).times[row % BLOCK] *= unitMs
  }

  /** Items that events name and `known` does not: bare, in order of appearance. */
  *bareItems(known: { has(id: string): boolean } = new Set()): Generator<ImportStep> {
    for (let row = 0; row < this.items.size; row++) {
      const id = this.items.name(row)
      if (!known.has(id)) yield { put: 'item', value: { id }, rows: 0, bare: true }
    }
  }

  /** The events in order of time, ties in order of their adding, with ids made from their content. */
  *steps(): Generator<ImportStep> {
    const time = (row: number): number => Math.round((this.blocks[Math.floor(row / BLOCK)] as Block).times[row % BLOCK])
    for (const row of stableOrder(this.size, time)) {
      const block = this.blocks[Math.floor(row / BLOCK)] as Block
      const cell = row % BLOCK
      const user = this.users.name(block.users[cell])
      const item = this.items.name(block.items[cell])
      const kind = this.kinds.name(block.kinds[cell])
      const value = block.values[cell]
      const at = time(row)
      const id = contentId(user, item, kind, value, at)
      const event = { id, kind, user, item, at }
      const place = { file: this.fileOf(row), line: block.lines[cell] as number }
      yield { put: 'event', value: Number.isNaN(value) ? event : { ...event, value }, rows: 1, place }
    }
  }

  private fileOf(row: number): Place['file'] {
    return this.files.findLast(({ first }) => first <= row)?.file ?? ''
  }
}
