import { Column } from '../../../foundation/base/index.ts'

const SMALLEST = 8
/** Entries looked at when room is needed for a new neighbour. */
const LOOK = 8

/**
 * Up to `limit` neighbours per row with a count each, in one pool. A row's entries form a heap by count, largest
 * first, so what is counted often is found early and the leaves are what may go. When a row is full, a new neighbour
 * takes the place of the least of a few leaves if that has not more than its weight; otherwise that leaf loses the
 * weight (as in the Frequent algorithm, Misra and Gries 1982): counts are never too high.
 */
export class Neighbours {
  readonly limit: number
  private pool = new Uint32Array(4096) // pairs: neighbour, count
  private end = 0
  private readonly starts = new Column(Uint32Array)
  private readonly sizes = new Column(Uint32Array)
  private readonly rooms = new Column(Uint32Array)
  private readonly free: number[][] = []
  private turn = 0

  constructor(limit: number) {
    this.limit = limit
  }

  get bytes(): number {
    return this.pool.byteLength + this.starts.bytes + this.sizes.bytes + this.rooms.bytes
  }

  size(row: number): number {
    return row >= 0 && row < this.sizes.rows ? this.sizes.array[row] : 0
  }

  neighbour(row: number, place: number): number {
    return this.pool[2 * (this.starts.array[row] + place)]
  }

  count(row: number, place: number): number {
    return this.pool[2 * (this.starts.array[row] + place) + 1]
  }

  /** The count of a pair; 0 when it is not held. */
  countOf(row: number, neighbour: number): number {
    const place = this.find(row, neighbour)
    return place < 0 ? 0 : this.count(row, place)
  }

  add(row: number, neighbour: number, weight: number): void {
    this.starts.ensure(row)
    this.sizes.ensure(row)
    this.rooms.ensure(row)
    const size = this.sizes.array[row]
    const place = this.find(row, neighbour)
    if (place >= 0) {
      this.rise(row, place, neighbour, this.count(row, place) + weight)
    } else if (size < this.limit) {
      if (size === this.rooms.array[row]) this.move(row, Math.min(this.limit, Math.max(SMALLEST, size * 2)))
      this.sizes.array[row] = size + 1
      this.rise(row, size, neighbour, weight)
    } else this.compete(row, neighbour, weight)
  }

  private find(row: number, neighbour: number): number {
    const size = this.size(row)
    if (size === 0) return -1
    const { pool } = this
    const start = 2 * this.starts.array[row]
    for (let i = start, end = start + 2 * size; i < end; i += 2) if (pool[i] === neighbour) return (i - start) >> 1
    return -1
  }

  private rise(row: number, from: number, neighbour: number, count: number): void {
    const { pool } = this
    const start = 2 * this.starts.array[row]
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (pool[start + 2 * parent + 1] >= count) break
      pool[start + 2 * place] = pool[start + 2 * parent]
      pool[start + 2 * place + 1] = pool[start + 2 * parent + 1]
      place = parent
    }
    pool[start + 2 * place] = neighbour
    pool[start + 2 * place + 1] = count
  }

  private compete(row: number, neighbour: number, weight: number): void {
    const first = this.limit >> 1 // leaves begin here
    const leaves = this.limit - first
    let least = -1
    for (let i = 0; i < LOOK; i++) {
      const place = first + ((this.turn + i) % leaves)
      if (least < 0 || this.count(row, place) < this.count(row, least)) least = place
    }
    this.turn = (this.turn + LOOK) >>> 0
    const cell = 2 * (this.starts.array[row] + least)
    if (this.pool[cell + 1] <= weight) this.rise(row, least, neighbour, weight)
    else this.pool[cell + 1] -= weight
  }

  private move(row: number, room: number): void {
    const oldRoom = this.rooms.array[row]
    const oldStart = this.starts.array[row]
    let start = this.free[room]?.pop()
    if (start === undefined) {
      start = this.end
      this.end += room
      if (2 * this.end > this.pool.length) {
        const grown = new Uint32Array(Math.max(this.pool.length + (this.pool.length >> 1), 2 * this.end))
        grown.set(this.pool)
        this.pool = grown
      }
    }
    this.pool.copyWithin(2 * start, 2 * oldStart, 2 * (oldStart + this.sizes.array[row]))
    if (oldRoom > 0) {
      this.free[oldRoom] = this.free[oldRoom] ?? []
      this.free[oldRoom].push(oldStart)
    }
    this.starts.array[row] = start
    this.rooms.array[row] = room
  }
}
