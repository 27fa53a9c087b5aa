export { Evaluator, type Ranks, rankMetrics } from './evaluate.ts'
export {
  completeRecipe,
  type RecipeChoices,
  type SequenceRecipe,
  type TrainingHooks,
  type TrainingRecord,
} from './options.ts'
export {
  type Cases,
  casesAt,
  type Histories,
  historiesOf,
  someOf,
  type Split,
  testCases,
  validationCases,
} from './sequences.ts'
export { thereAt, type Times, timesOf } from './times.ts'
export { type SequenceRun, trainSequence } from './trainer.ts'
