import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Disk, writeAll } from '../disk.ts'

/** Longest work between two turns of the event loop. */
const TURN_MS = 1.5
/** Writes handed to the disk and not done: their memory is that of the state, so they cost nothing but their number. */
const WRITES_MAX = 256

/** Hands ranges to the disk without waiting for each, and takes turns with other work. */
export class Spool {
  private readonly disk: Disk
  private readonly fd: number
  private readonly writes: Promise<void>[] = []
  private turnBegan = performance.now()

  constructor(disk: Disk, fd: number) {
    this.disk = disk
    this.fd = fd
  }

  /** The bytes must stay as they are until `done`. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    const write = writeAll(this.disk, this.fd, bytes, bytes.length, position)
    write.catch(() => {}) // `done` tells it
    this.writes.push(write)
    if (this.writes.length >= WRITES_MAX) await this.done()
  }

  /** Lets other work have a turn, when this one was long enough. */
  async breathe(): Promise<void> {
    if (performance.now() - this.turnBegan < TURN_MS) return
    await nextTurn()
    this.turnBegan = performance.now()
  }

  /** Waits until nothing is on its way to the disk any more; then tells the first failure, if there was one. */
  async done(): Promise<void> {
    const ends = await Promise.allSettled(this.writes.splice(0))
    this.turnBegan = performance.now()
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
}
