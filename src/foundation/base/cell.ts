import type { Shelf, Shelved } from './shelf.ts'

/** A number that is part of the state. */
export class Cell implements Shelved {
  private array = new Float64Array(1)

  get value(): number {
    return this.array[0]
  }

  set value(value: number) {
    this.array[0] = value
  }

  shelve(shelf: Shelf): void {
    this.array = shelf.array('value', this.array)
  }
}
