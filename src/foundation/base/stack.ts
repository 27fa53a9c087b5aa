import { Cell } from './cell.ts'
import { Column } from './column.ts'
import type { Shelf, Shelved } from './shelf.ts'

/** A pile of rows or slots: what is put on it last comes off first. */
export class Stack implements Shelved {
  private readonly held = new Column(Uint32Array, { rows: 16 })
  private readonly count = new Cell()

  get length(): number {
    return this.count.value
  }

  push(row: number): void {
    const place = this.count.value++
    this.held.ensure(place)
    this.held.array[place] = row
  }

  /** The row put on it last, or undefined. */
  pop(): number | undefined {
    if (this.count.value === 0) return undefined
    return this.held.array[--this.count.value]
  }

  shelve(shelf: Shelf): void {
    shelf.part('held', this.held)
    shelf.part('count', this.count)
  }
}
