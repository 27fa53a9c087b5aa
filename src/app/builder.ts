import { setTimeout as sleep } from 'node:timers/promises'
import { learnsAside } from '../serving/retrieval/index.ts'
import { every } from './every.ts'
import type { Parts } from './parts.ts'
import type { SlimCache } from './slim-cache.ts'

/** Longest piece of a build on this thread between two turns of the event loop, once the server serves. */
const SLICE_MS = 4
/** Pause after each piece: a quarter of the core, and requests the rest. */
const PAUSE_MS = 12
const LOOK_MS = 1000

/**
 * Keeps what is built from the whole state current while the server serves: in a thread of low priority, or, where its
 * file is missing (a build of one's own), in short slices on this one.
 */
export class Builder {
  private readonly parts: Parts
  private readonly cache: SlimCache
  private readonly failed: (error: unknown) => void
  /** Is told when a new one is in use. */
  built: () => void = () => undefined
  private readonly stopping = new AbortController()
  private looking: (() => Promise<void>) | undefined
  /** Ticks at which the present piece ends. */
  private until = 0

  constructor(parts: Parts, cache: SlimCache, failed: (error: unknown) => void) {
    this.parts = parts
    this.cache = cache
    this.failed = failed
  }

  start(): void {
    this.looking = every(LOOK_MS, () => this.build(), this.failed)
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.looking?.()
  }

  /** When it is due: until it is built, or until it is told to stop; then the old model stays. */
  private async build(): Promise<void> {
    const { indexes, clock } = this.parts
    const { slim } = indexes
    if (!slim.due(clock.now())) return
    const { signal } = this.stopping
    const built = learnsAside()
      ? await slim.buildAside(clock.now(), { rest: () => this.rest(), signal })
      : await this.inSlices()
    if (!built) return
    this.built()
    await this.cache.save()
  }

  /** Nothing while the piece may go on, else a pause. */
  private rest(): Promise<void> | undefined {
    const { clock } = this.parts
    if (clock.ticks() < this.until) return undefined
    return sleep(PAUSE_MS).then(() => {
      this.until = clock.ticks() + SLICE_MS
    })
  }

  private async inSlices(): Promise<boolean> {
    const { indexes, clock } = this.parts
    while (!this.stopping.signal.aborted) {
      if (indexes.slim.step(SLICE_MS, clock).done) return true
      await sleep(PAUSE_MS)
    }
    return false
  }
}
