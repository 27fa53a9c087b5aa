import type { Metrics } from '../../foundation/telemetry/index.ts'
import type { WorkerStatus } from '../engine.ts'

/** In the metrics: the server itself, which makes slates when no worker can. */
const SERVER = 'server'

/** What the threads did since the start, by their place: for the status and the metrics. */
export class Tally {
  /** Slates that the server made, because no worker could. */
  here = 0
  private readonly metrics: Metrics | undefined
  private readonly counts: { made: number; failed: number; lost: number; restarts: number }[]

  constructor(size: number, metrics: Metrics | undefined) {
    this.metrics = metrics
    this.counts = Array.from({ length: size }, () => ({ made: 0, failed: 0, lost: 0, restarts: 0 }))
    for (let place = 0; place < size; place++) metrics?.workerRestart(String(place), 0) // a series that begins at 1 did not grow
  }

  of(place: number): Omit<WorkerStatus, 'ready' | 'requests'> {
    return this.countsAt(place)
  }

  told(place: number, result: 'made' | 'failed' | 'lost'): void {
    this.countsAt(place)[result]++
    this.metrics?.workerSlate(String(place), result)
  }

  /** How long a thread waited for changes of the state, in milliseconds. */
  waited(waits: readonly number[]): void {
    for (const ms of waits) this.metrics?.stateWait('read', ms / 1000)
  }

  madeHere(): void {
    this.here++
    this.metrics?.workerSlate(SERVER, 'made')
  }

  restarted(place: number): void {
    this.countsAt(place).restarts++
    this.metrics?.workerRestart(String(place))
  }

  private countsAt(place: number) {
    const counts = this.counts[place]
    if (!counts) throw new RangeError(`There is no worker ${place}`)
    return counts
  }
}
