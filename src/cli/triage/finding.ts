import type { Change } from '../../app/index.ts'
import type { Sign } from './signs.ts'

/** Something wrong, since when, and what changed then. */
export interface Finding extends Sign {
  readonly say: string
  /** The beginning of the first minute of an unbroken row of such minutes, in milliseconds since 1970. */
  readonly since: number
  /** Changes of that time, most likely one first. */
  readonly suspects: readonly Change[]
}
