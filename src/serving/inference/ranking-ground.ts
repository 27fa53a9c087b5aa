import type { OutcomeValues } from '../../learning/models/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { Features } from '../../stream/features/index.ts'

/** What a ranking model is asked with. */
export interface RankingGround {
  readonly state: State
  readonly features: Features
  /** Worth of each predicted outcome. */
  readonly values: OutcomeValues
}
