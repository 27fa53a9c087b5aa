export { type BudgetLine, budgetLines, quantileEach, slowestOf, type Worksheet, worksheet } from './budget.ts'
export {
  type Capacity,
  capacity,
  type Demand,
  defaultSupply,
  printed,
  type Supply,
} from './capacity.ts'
export { configText } from './config-text.ts'
export { BUSY_SHARE, type CoresPlan, coresFor } from './cores.ts'
export { type CutPlan, cutPlan, type Lever } from './cut.ts'
export {
  type Answers,
  type Decision,
  decide,
  type Question,
  type QuestionName,
  questionNames,
  questions,
} from './decide.ts'
export { BESIDE, type Cost, costFromMetrics, costFromText, SLATES_LEAST, WHOLE_LEAST } from './measured.ts'
export {
  INDEX_ITEMS_MOST,
  ITEMS_LEAST,
  type Memory,
  memoryFor,
  memoryFromMetrics,
  type MemoryPlan,
} from './memory.ts'
export { type PresetName, presetNames, presetNotes, presetSays, presets } from './presets.ts'
export { defaultSpike, type SpikePlan, spikePlan } from './spike.ts'
