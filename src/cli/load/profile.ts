import type { Random } from '../../foundation/base/index.ts'
import { poissonArrivals } from './arrivals.ts'

/** A stretch of a run. The rate goes in a straight line from `from` to `to`, as multiples of the asked rate. */
export interface Segment {
  readonly name: string
  readonly seconds: number
  readonly from: number
  readonly to: number
}

/** How much more a spike asks for. */
const SPIKE = 4
const RAMP_STEPS = 5
const SOAK_PARTS = 10

const level = (name: string, seconds: number, rate: number): Segment => ({ name, seconds, from: rate, to: rate })

/** Profiles by name: the stretches of a run of so many seconds. Each is reported by itself. */
export const profiles = {
  steady: (seconds) => [level('steady', seconds, 1)],
  ramp: (seconds) =>
    Array.from({ length: RAMP_STEPS }, (_, step) => {
      const [from, to] = [step / RAMP_STEPS, (step + 1) / RAMP_STEPS]
      return { name: `to ${Math.round(to * 100)} %`, seconds: seconds / RAMP_STEPS, from, to }
    }),
  spike: (seconds) => [
    level('before', 0.4 * seconds, 1),
    level(`spike x${SPIKE}`, 0.2 * seconds, SPIKE),
    level('after', 0.4 * seconds, 1),
  ],
  soak: (seconds) =>
    Array.from({ length: SOAK_PARTS }, (_, part) => level(`part ${part + 1}`, seconds / SOAK_PARTS, 1)),
} as const satisfies Record<string, (seconds: number) => Segment[]>
export type ProfileName = keyof typeof profiles

/** Poisson arrivals whose rate follows the segments: milliseconds from the start, ascending. By thinning, so exact. */
export function* profileArrivals(random: Random, rate: number, segments: readonly Segment[]): Generator<number> {
  let start = 0
  for (const { seconds, from, to } of segments) {
    const most = Math.max(from, to)
    for (const at of poissonArrivals(random, rate * most, seconds)) {
      const here = from + ((to - from) * at) / (seconds * 1000)
      if (from === to || random.next() * most < here) yield start + at
    }
    start += seconds * 1000
  }
}
