import { Cell, Column, grown, mix32, type Shelf, type Shelved } from '../../../foundation/base/index.ts'

/** Entries of one bucket: with their counts, one cache line. */
const WAYS = 8
const PAIR = 2
const CLASSES = 32

/**
 * Up to about `limit` neighbours per row (rounded up to 8 x a power of two), each with a count, in one pool. A row is
 * a small hash table of buckets of eight that doubles until it has reached the limit. Beyond that, a new neighbour
 * takes the place of the least of its bucket if that has not more than its weight; otherwise the least loses the weight
 * (as in the Frequent algorithm, Misra and Gries 1982): counts are never too high, and what comes often stays.
 */
export class Neighbours implements Shelved {
  private readonly roomMax: number
  private pool = new Uint32Array(4096) // pairs of neighbour, count; count 0: free
  private readonly end = new Cell()
  private readonly starts = new Column(Uint32Array)
  private readonly rooms = new Column(Uint32Array)
  private free = new Uint32Array(CLASSES) // by log2 of the room: start + 1 of the table freed last, whose first cell names the one before
  private held = new Uint32Array(0)

  constructor(limit: number) {
    this.roomMax = WAYS * 2 ** Math.ceil(Math.log2(Math.max(1, limit / WAYS)))
  }

  /** Places of a row; those with count 0 are empty. */
  room(row: number): number {
    return row >= 0 && row < this.rooms.rows ? this.rooms.array[row] : 0
  }

  neighbour(row: number, place: number): number {
    return this.pool[this.starts.array[row] + PAIR * place]
  }

  count(row: number, place: number): number {
    return this.pool[this.starts.array[row] + PAIR * place + 1]
  }

  /** The count of a pair; 0 when it is not held. */
  countOf(row: number, neighbour: number): number {
    if (this.room(row) === 0) return 0
    const bucket = this.bucketOf(row, neighbour)
    for (let cell = bucket; cell < bucket + WAYS * PAIR; cell += PAIR)
      if (this.pool[cell] === neighbour && this.pool[cell + 1] > 0) return this.pool[cell + 1]
    return 0
  }

  /** Counts a neighbour. `weight` is a positive integer. */
  add(row: number, neighbour: number, weight: number): void {
    this.starts.ensure(row)
    this.rooms.ensure(row)
    if (this.rooms.array[row] === 0) this.move(row, WAYS)
    for (;;) {
      const { pool } = this
      const bucket = this.bucketOf(row, neighbour)
      let least = bucket
      for (let cell = bucket; cell < bucket + WAYS * PAIR; cell += PAIR) {
        const count = pool[cell + 1]
        if (count > 0 && pool[cell] === neighbour) {
          pool[cell + 1] = count + weight
          return
        }
        if (count < pool[least + 1]) least = cell
      }
      if (pool[least + 1] > 0 && this.rooms.array[row] < this.roomMax) {
        this.move(row, this.rooms.array[row] * 2)
        continue // at most log2(limit / 8) times
      }
      if (pool[least + 1] <= weight) {
        pool[least] = neighbour
        pool[least + 1] = weight
      } else pool[least + 1] -= weight
      return
    }
  }

  shelve(shelf: Shelf): void {
    this.pool = shelf.array('pool', this.pool)
    this.free = shelf.array('free', this.free)
    for (const name of ['end', 'starts', 'rooms'] as const) shelf.part(name, this[name])
  }

  /** First cell of the bucket that a neighbour belongs to. */
  private bucketOf(row: number, neighbour: number): number {
    const buckets = this.rooms.array[row] / WAYS
    return this.starts.array[row] + (mix32(neighbour) & (buckets - 1)) * WAYS * PAIR
  }

  /** Gives a row a table of a new size and puts its entries into it; a bucket splits in two, so all of them fit. */
  private move(row: number, room: number): void {
    const oldRoom = this.rooms.array[row]
    const oldStart = this.starts.array[row]
    const start = this.take(room)
    if (this.held.length < oldRoom * PAIR) this.held = new Uint32Array(oldRoom * PAIR)
    this.held.set(this.pool.subarray(oldStart, oldStart + oldRoom * PAIR))
    this.pool.fill(0, start, start + room * PAIR)
    this.starts.array[row] = start
    this.rooms.array[row] = room
    for (let from = 0; from < oldRoom * PAIR; from += PAIR) {
      if (this.held[from + 1] === 0) continue
      let cell = this.bucketOf(row, this.held[from])
      while (this.pool[cell + 1] > 0) cell += PAIR
      this.pool[cell] = this.held[from]
      this.pool[cell + 1] = this.held[from + 1]
    }
    if (oldRoom === 0) return
    const kind = Math.log2(oldRoom)
    this.pool[oldStart] = this.free[kind]
    this.free[kind] = oldStart + 1
  }

  /** The first cell of an unused table. */
  private take(room: number): number {
    const kind = Math.log2(room)
    const freed = this.free[kind]
    if (freed > 0) {
      this.free[kind] = this.pool[freed - 1]
      return freed - 1
    }
    const start = this.end.value
    const end = start + room * PAIR
    this.end.value = end
    if (end > this.pool.length) this.pool = grown(this.pool, Math.max(Math.ceil(this.pool.length * 1.5), end))
    return start
  }
}
