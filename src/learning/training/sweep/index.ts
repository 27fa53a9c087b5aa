export { promoted, rungsOf } from './halving.ts'
export { latest, rankerTries } from './ranker-tries.ts'
export {
  checkSettings,
  configOf,
  sequenceChoices,
  type Setting,
  type Settings,
  towerChoices,
  type TrainedModel,
} from './settings.ts'
export { type Choices, draws, grid, parseSetting, parseSpace, type Space } from './space.ts'
export { type Outcome, type SweepResult, type SweepTask, sweep, type Trial, type Tries } from './sweep.ts'
