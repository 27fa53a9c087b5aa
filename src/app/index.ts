export { requireRankers, requireSettings, strangeModels } from './check-config.ts'
export { createEngine } from './create-engine.ts'
export type * from './engine.ts'
export { evaluate } from './evaluate/evaluate.ts'
export type * from './evaluate/report.ts'
export { type RungRow, rungsOf, type RungsReport } from './evaluate/rungs.ts'
export {
  type FaultName,
  faultNames,
  type FaultPoint,
  faults,
  type FaultSpec,
  indexedSources,
  type Injection,
  injectionOf,
  parseFaults,
} from '../serving/ladder/index.ts'
export { holdsOwnData, lockedBy } from './folder.ts'
export { indexShelves, type ListedIndex } from './learn/shelves.ts'
export { addModel, type AddOptions, externalInputs } from './learn/add.ts'
export { diffModels, openRegistry } from './learn/models.ts'
export { endShadow, shadowModel, type ShadowReport } from './learn/shadow.ts'
export { type OnlineOptions, type OnlineReport, trainOnline } from './learn/online.ts'
export type { TrainNews } from './learn/child.ts'
export type * from './learn/report.ts'
export { listRuns, plotRun, type Run, type RunSummary, showRun } from './learn/runs.ts'
export { checkSamples, exportSamples, importSamples, type SamplesOptions } from './learn/samples.ts'
export { runSweep, type SweepOptions, type SweepReport } from './learn/sweep.ts'
export type { ModelName } from '../domain/index.ts'
export { train, trainModels } from './learn/train.ts'
export type * from './options.ts'
export { parseSetting, parseSpace, sparkline, type Trial } from '../learning/training/index.ts'
