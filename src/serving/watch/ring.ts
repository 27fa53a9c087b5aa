/** The latest rows of a table of numbers; the oldest fall out. */
export class Ring {
  readonly width: number
  private readonly rows: number
  private readonly cells: Float32Array
  private added = 0

  constructor(rows: number, width: number) {
    this.rows = rows
    this.width = width
    this.cells = new Float32Array(rows * width)
  }

  get count(): number {
    return Math.min(this.added, this.rows)
  }

  /** Where to write the next row: a view of [width]. */
  next(): Float32Array {
    const start = (this.added++ % this.rows) * this.width
    return this.cells.subarray(start, start + this.width)
  }

  column(index: number): Float32Array {
    return Float32Array.from({ length: this.count }, (_, row) => this.cells[row * this.width + index])
  }
}
