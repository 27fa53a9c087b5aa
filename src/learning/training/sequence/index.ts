export { Evaluator, type Ranks, rankMetrics } from './evaluate.ts'
export {
  completeRecipe,
  type RecipeChoices,
  type SequenceRecipe,
  type TrainingHooks,
  type TrainingRecord,
} from './options.ts'
export { type Cases, leaveOneOut, type Sequences, sequencesOf, someOf } from './sequences.ts'
export { type SequenceRun, trainSequence } from './trainer.ts'
