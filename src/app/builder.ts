import { setImmediate as nextTurn } from 'node:timers/promises'
import { SECOND } from '../foundation/base/index.ts'
import type { Parts } from './parts.ts'

/** Longest piece of a build between two turns of the event loop, once the server serves. */
const SLICE_MS = 4
const LOOK_MS = 1000

/** Keeps what is built from the whole state current: in one go at the start, in short slices while serving. */
export class Builder {
  private readonly parts: Parts
  private timer: NodeJS.Timeout | undefined
  private building: Promise<void> | undefined
  private builtAt = 0
  private appliedThen = -1

  constructor(parts: Parts) {
    this.parts = parts
  }

  /** Builds now, blocking. */
  buildAll(onProgress?: (done: number, total: number) => void): void {
    this.parts.build(onProgress)
    this.built()
  }

  /** Rebuilds from time to time while events flow. */
  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_MS)
    this.timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    this.timer = undefined
    await this.building
  }

  private look(): void {
    const { config, clock, state } = this.parts
    const due = clock.ticks() - this.builtAt >= config.retrieval.slimRefreshSeconds * SECOND
    if (!due || this.building || state.applied === this.appliedThen) return
    this.building = this.buildSlowly().finally(() => {
      this.building = undefined
    })
  }

  private async buildSlowly(): Promise<void> {
    const steps = this.parts.indexes.slim.build()
    for (;;) {
      const until = performance.now() + SLICE_MS
      while (performance.now() < until) {
        if (steps.next().done) {
          this.built()
          return
        }
      }
      await nextTurn()
      if (this.timer === undefined) return // stopped: the old model stays
    }
  }

  private built(): void {
    this.builtAt = this.parts.clock.ticks()
    this.appliedThen = this.parts.state.applied
  }
}
