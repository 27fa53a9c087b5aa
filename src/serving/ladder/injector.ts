import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, Random, SluiceError } from '../../foundation/base/index.ts'
import { type FaultKind, type FaultName, faultNames, type FaultPoint, faults, type FaultSpec } from './faults.ts'

/** A fault as it is injected: how often, and for how long where it takes time. */
export interface Injection {
  readonly fault: FaultName
  /** Probability that a call is struck, above 0 to 1. */
  readonly probability: number
  /** Milliseconds of `slow` and `busy`. */
  readonly ms: number
}

/** Longest delay that can be injected. */
const MS_MAX = 60_000

/**
 * The one seam through which failures are injected. Every dependency of the request path asks it before it works;
 * while nothing is injected that is one comparison.
 */
export class Injector {
  private readonly clock: Clock
  private readonly random: Random
  private injected: readonly Injection[] = []

  constructor(clock: Clock, seed = 'faults') {
    this.clock = clock
    this.random = new Random(seed)
  }

  get active(): readonly Injection[] {
    return this.injected
  }

  /** Replaces what is injected. */
  set(injections: readonly Injection[]): void {
    this.injected = [...injections]
  }

  /** Does something strike at this point now? Draws the lot. */
  strike(point: FaultPoint): { readonly kind: FaultKind; readonly ms: number; readonly fault: FaultName } | undefined {
    if (this.injected.length === 0) return undefined
    for (const { fault, probability, ms } of this.injected) {
      const spec: FaultSpec = faults[fault]
      if (spec.at !== point || !this.random.chance(probability)) continue
      return { kind: spec.does, ms, fault }
    }
    return undefined
  }

  /** Lets a fault of waiting, refusing or burning happen here; gives the kinds that the caller must play itself. */
  suffer(point: FaultPoint): FaultKind | undefined | Promise<undefined> {
    const struck = this.strike(point)
    if (!struck) return undefined
    const { kind, ms, fault } = struck
    if (kind === 'slow') return sleep(ms, undefined, { ref: false })
    if (kind === 'down') throw new Error(`injected: ${fault}`)
    if (kind === 'memory') throw new RangeError(`Array buffer allocation failed (injected: ${fault})`)
    if (kind === 'busy') this.burn(ms)
    return kind === 'busy' ? undefined : kind
  }

  private burn(ms: number): void {
    const until = this.clock.ticks() + ms
    const real = performance.now() + ms // a clock that stands still must not stop the process
    while (this.clock.ticks() < until && performance.now() < real);
  }
}

/**
 * Reads "features-down, ranker-slow:0.5:80": names, each with an optional probability and milliseconds.
 * @throws SluiceError ERR_FAULT_INVALID
 */
export function parseFaults(text: string): Injection[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [name = '', probability, ms, ...rest] = entry.split(':')
      if (rest.length > 0) throw new SluiceError('ERR_FAULT_INVALID', [entry, 'it has more than NAME:PROBABILITY:MS'])
      return injectionOf(
        name,
        probability === undefined ? undefined : Number(probability),
        ms === undefined ? undefined : Number(ms),
      )
    })
}

/** @throws SluiceError ERR_FAULT_INVALID for an unknown name or a number outside its range */
export function injectionOf(name: string, probability = 1, ms?: number): Injection {
  if (!Object.hasOwn(faults, name)) {
    throw new SluiceError('ERR_FAULT_INVALID', [name, `known are ${faultNames.join(', ')}`])
  }
  const fault = name as FaultName
  const spec: FaultSpec = faults[fault]
  const takes = ms ?? spec.ms ?? 0
  if (!(probability > 0 && probability <= 1)) {
    throw new SluiceError('ERR_FAULT_INVALID', [name, 'its probability must be above 0 and at most 1'])
  }
  if (!(takes >= 0 && takes <= MS_MAX)) {
    throw new SluiceError('ERR_FAULT_INVALID', [name, `its milliseconds must be 0 to ${MS_MAX}`])
  }
  return { fault, probability, ms: takes }
}
