/** Cells of the lock: is there a writer, which generation of arrays is the current one, and then one per reader. */
const WRITER = 0
const GENERATION = 1
const READERS = 2

const NOBODY = 0
const SOMEBODY = 1
/** A reader looks again after this time, should a wake-up be lost. */
const LOOK_MS = 50
/** Waits that are remembered until somebody asks for them; later ones are forgotten. */
const WAITS_MAX = 64

/** What reader and writer share. */
export type LockCells = Int32Array<SharedArrayBuffer>

export function lockCells(readers: number): LockCells {
  return new Int32Array(new SharedArrayBuffer((READERS + readers) * Int32Array.BYTES_PER_ELEMENT))
}

/**
 * One writer, and readers in other threads that read the same memory. A writer that waits lets no new reader in, so it
 * waits as long as the reader who is in it longest, and never starves. Each reader has a cell of its own, so that a thread
 * that ends while it reads can be taken out by its cell. Taking a side and giving it back cost some tens of nanoseconds
 * when nobody is in the way. Reading and writing in between are plain: what was written before `give` is seen after `enter`.
 */
export class ReadSide {
  private readonly cells: LockCells
  private readonly cell: number
  private waits: number[] = []

  constructor(cells: LockCells, reader: number) {
    this.cells = cells
    this.cell = READERS + reader
  }

  /** How long it had to wait, each time that it had to since this was asked last, in milliseconds. */
  takeWaits(): number[] {
    const { waits } = this
    if (waits.length > 0) this.waits = []
    return waits
  }

  /** Counts the times that the writer said that there are other arrays. */
  get generation(): number {
    return Atomics.load(this.cells, GENERATION)
  }

  /** Does a writer wait, or write? */
  get isWanted(): boolean {
    return Atomics.load(this.cells, WRITER) !== NOBODY
  }

  /** Is this reader in? */
  get isIn(): boolean {
    return Atomics.load(this.cells, this.cell) === SOMEBODY
  }

  /** Waits, asleep, while the writer writes or wants to. */
  enter(): void {
    const { cells, cell } = this
    // First the own cell, then the writer's; the writer does it the other way round, so one of the two sees the other.
    Atomics.store(cells, cell, SOMEBODY)
    if (Atomics.load(cells, WRITER) !== NOBODY) this.wait()
  }

  private wait(): void {
    const { cells, cell, waits } = this
    const began = performance.now()
    do {
      this.leave()
      Atomics.wait(cells, WRITER, SOMEBODY, LOOK_MS)
      Atomics.store(cells, cell, SOMEBODY)
    } while (Atomics.load(cells, WRITER) !== NOBODY)
    if (waits.length < WAITS_MAX) waits.push(performance.now() - began)
  }

  leave(): void {
    const { cells, cell } = this
    Atomics.store(cells, cell, NOBODY)
    if (Atomics.load(cells, WRITER) !== NOBODY) Atomics.notify(cells, cell)
  }
}

export class WriteSide {
  private readonly cells: LockCells

  constructor(cells: LockCells) {
    this.cells = cells
  }

  /**
   * Resolves when no reader is in any more, and none comes in until `give`. One at a time.
   * `late` is told of a reader who stays in for longer than `lateMs`, again and again until it is out.
   */
  async take(lateMs: number, late: (reader: number) => void): Promise<void> {
    const { cells } = this
    Atomics.store(cells, WRITER, SOMEBODY)
    for (let cell = READERS; cell < cells.length; cell++) {
      while (Atomics.load(cells, cell) === SOMEBODY) {
        const { async, value } = Atomics.waitAsync(cells, cell, SOMEBODY, lateMs)
        if (async && (await value) === 'timed-out') late(cell - READERS)
      }
    }
  }

  /** Lets readers in. */
  give(): void {
    Atomics.store(this.cells, WRITER, NOBODY)
    Atomics.notify(this.cells, WRITER)
  }

  /** Says, while the write side is taken, that readers must take up other arrays first. */
  renew(): void {
    Atomics.add(this.cells, GENERATION, 1)
  }

  get generation(): number {
    return Atomics.load(this.cells, GENERATION)
  }

  /** Takes a reader out whose thread has ended. */
  expel(reader: number): void {
    Atomics.store(this.cells, READERS + reader, NOBODY)
    Atomics.notify(this.cells, READERS + reader)
  }
}
