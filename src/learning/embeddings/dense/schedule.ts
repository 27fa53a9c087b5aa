/** The learning rate of a step; steps count from 1. */
export type Schedule = (step: number) => number

export type ScheduleOptions =
  | { readonly kind: 'constant'; readonly rate: number }
  /** Rises in a line over `warmup` steps, then falls along half a cosine to `last` at step `steps`, and stays there. */
  | {
      readonly kind: 'cosine'
      readonly rate: number
      readonly warmup?: number
      readonly steps: number
      readonly last?: number
    }
  /** The same with a line instead of the cosine. */
  | {
      readonly kind: 'linear'
      readonly rate: number
      readonly warmup?: number
      readonly steps: number
      readonly last?: number
    }

/** Learning rates over time: a pure function of the step, so that a resumed run goes on where it was. */
export function schedule(options: ScheduleOptions): Schedule {
  if (!(options.rate >= 0)) throw new RangeError(`Cannot use learning rate ${options.rate}: it must be 0 or more`)
  if (options.kind === 'constant') return () => options.rate
  const { kind, rate, warmup = 0, steps, last = 0 } = options
  if (!(warmup >= 0 && steps > warmup)) {
    throw new RangeError(`Cannot plan ${steps} steps with ${warmup} of warm-up: there must be more steps than warm-up`)
  }
  return (step) => {
    if (step <= warmup) return (rate * step) / warmup
    const done = Math.min(1, (step - warmup) / (steps - warmup))
    const left = kind === 'cosine' ? (1 + Math.cos(Math.PI * done)) / 2 : 1 - done
    return last + (rate - last) * left
  }
}
