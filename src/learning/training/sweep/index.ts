export { promoted, rungsOf } from './halving.ts'
export {
  type Choices,
  configOf,
  draws,
  grid,
  parseSetting,
  parseSpace,
  type Setting,
  type Settings,
  type Space,
} from './space.ts'
export { type SweepResult, type SweepTask, sweep, type Trial } from './sweep.ts'
