import type { LifeLimits } from './limits.ts'

/** One thing that was asked of an index before it may serve, or while it does. */
export interface Check {
  readonly check: string
  readonly pass: boolean
  readonly value: number
  readonly limit: number
  readonly say: string
}

export interface Verdict {
  readonly pass: boolean
  readonly checks: readonly Check[]
}

export const verdictOf = (checks: readonly Check[]): Verdict => ({ pass: checks.every(({ pass }) => pass), checks })

/** What stands against it, as a sentence; empty when nothing does. */
export const objections = ({ checks }: Verdict): string =>
  checks
    .filter(({ pass }) => !pass)
    .map(({ say }) => say)
    .join('; ')

/** What there is to say of an index that could not be built. */
export const failedToBuild = (error: unknown): Verdict =>
  verdictOf([{ check: 'build', pass: false, value: 0, limit: 1, say: `it could not be built: ${String(error)}` }])

/** What was measured of a new index. */
export interface Measured {
  readonly size: number
  /** Vectors it was built from. */
  readonly wanted: number
  /** Against the exact answer. */
  readonly recall: number
  /** Of the one before, on the same queries; undefined when there is none to compare with. */
  readonly recallBefore: number | undefined
  readonly queries: number
}

/** May it serve? */
export function validate({ size, wanted, recall, recallBefore, queries }: Measured, limits: LifeLimits): Verdict {
  const { recallLeast, band } = limits
  const checks: Check[] = [
    {
      ...{ check: 'size', pass: size === wanted && size > 0, value: size, limit: wanted },
      say: `it holds ${size} of ${wanted} vectors`,
    },
    {
      ...{ check: 'recall', pass: recall >= recallLeast, value: recall, limit: recallLeast },
      say: `recall@1000 against the exact answer is ${recall.toFixed(4)} on ${queries} queries, wanted ${recallLeast}`,
    },
  ]
  if (recallBefore !== undefined) {
    const least = recallBefore - band
    checks.push({
      ...{ check: 'previous', pass: recall >= least, value: recall, limit: least },
      say: `recall@1000 is ${recall.toFixed(4)}, and ${recallBefore.toFixed(4)} of the index before; ${band} less would do`,
    })
  }
  return verdictOf(checks)
}
