import type { DefinitionMaker } from '../definition.ts'
import { affinityCategory } from './affinity-category.ts'
import { affinityCreator } from './affinity-creator.ts'
import { popularityBand, popularityCountry } from './audience.ts'
import { categoryCtr } from './category-ctr.ts'
import { categoryPopularity } from './category-popularity.ts'
import { context } from './context.ts'
import { creatorCtr } from './creator-ctr.ts'
import { creatorPopularity } from './creator-popularity.ts'
import { creatorWindows } from './creator-windows.ts'
import { fatigueItem } from './fatigue-item.ts'
import { itemAge } from './item-age.ts'
import { itemCompletion } from './item-completion.ts'
import { itemCtr } from './item-ctr.ts'
import { itemFacts } from './item-facts.ts'
import { itemJudgement } from './item-judgement.ts'
import { itemNegative } from './item-negative.ts'
import { itemPopularity } from './item-popularity.ts'
import { itemReactions } from './item-reactions.ts'
import { itemWindows } from './item-windows.ts'
import { match } from './match.ts'
import { series } from './series.ts'
import { userActivity } from './user-activity.ts'
import { userCtr } from './user-ctr.ts'

/** Every feature, in the order of the columns. Append only: models know columns by place. */
export const definitions: readonly DefinitionMaker[] = [
  itemWindows,
  itemCtr,
  itemCompletion,
  itemReactions,
  itemJudgement,
  itemNegative,
  itemAge,
  itemPopularity,
  itemFacts,
  creatorCtr,
  creatorPopularity,
  creatorWindows,
  categoryCtr,
  categoryPopularity,
  userActivity,
  userCtr,
  affinityCategory,
  affinityCreator,
  fatigueItem,
  popularityCountry,
  popularityBand,
  match,
  context,
  series,
]
