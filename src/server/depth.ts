import { RequestError } from './errors.ts'

/** Deepest nesting of a value that later code walks by recursion. */
export const DEPTH_MAX = 32

/** @throws RequestError for a value nested deeper than DEPTH_MAX; does not recurse itself */
export function requireFlat(value: unknown, where: string): void {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) throw new RequestError(where, `is nested deeper than ${DEPTH_MAX} levels`)
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
  }
}
