import type { Change, Trouble } from '../../app/index.ts'
import type { Layer } from './layers.ts'
import type { Sign } from './signs.ts'

/** Something that is not as it should be, where, since when, and what changed around then. */
export interface Finding extends Sign {
  readonly say: string
  readonly layer: Layer
  /** The beginning of the first minute of an unbroken row that shows it; milliseconds since 1970. */
  readonly since: number
  /** Changes that came just before and are still in effect, likeliest first. */
  readonly suspects: readonly Change[]
  /** What the server said of it last, at most seconds ago. */
  readonly latest?: Trouble
}
