import { setTimeout as sleep } from 'node:timers/promises'
import { every } from './every.ts'
import type { Parts } from './parts.ts'
import type { SlimCache } from './slim-cache.ts'

/** Longest piece of a build between two turns of the event loop, once the server serves. */
const SLICE_MS = 4
/** Pause after each piece: a build takes a quarter of the core, and requests the rest. */
const PAUSE_MS = 12
const LOOK_MS = 1000

/** Keeps what is built from the whole state current while the server serves, in short slices. */
export class Builder {
  private readonly parts: Parts
  private readonly cache: SlimCache
  private readonly failed: (error: unknown) => void
  /** Is told when a new one is in use. */
  built: () => void = () => undefined
  private looking: (() => Promise<void>) | undefined

  constructor(parts: Parts, cache: SlimCache, failed: (error: unknown) => void) {
    this.parts = parts
    this.cache = cache
    this.failed = failed
  }

  start(): void {
    this.looking = every(LOOK_MS, () => this.build(), this.failed)
  }

  async stop(): Promise<void> {
    const stopped = this.looking?.()
    this.looking = undefined
    await stopped
  }

  /** When it is due: until it is built, or until it is told to stop; then the old model stays. */
  private async build(): Promise<void> {
    const { indexes, clock } = this.parts
    if (!indexes.slim.due(clock.now())) return
    while (this.looking !== undefined && !indexes.slim.step(SLICE_MS, clock).done) {
      await sleep(PAUSE_MS)
    }
    this.built()
    this.cache.save()
  }
}
