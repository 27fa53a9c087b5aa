/** What a program that uses Sluice imports: write a configuration, run an engine in the process, serve it. */
export { type Config, type ConfigInput, completeConfig, defineConfig } from './domain/index.ts'
export type { Event, EventInput, Item, Rule, Slate, SlateItem, SlateRequest, User } from './domain/index.ts'
export { type ErrorCode, SluiceError } from './foundation/base/index.ts'
export { createEngine, evaluate } from './app/index.ts'
export type {
  Engine,
  EngineOptions,
  EngineStatus,
  ErasureReport,
  EvaluateOptions,
  EvaluationReport,
  EventsReport,
  Explanation,
  FaultsReport,
  ImportReport,
  Observations,
  Observed,
  PortfolioReport,
  Progress,
  SimilarItem,
  UpsertReport,
} from './app/index.ts'
export { createServer, type Server, type ServerParts } from './server/index.ts'
export { createLog, createMetrics, type Log, type LogLevel, type Metrics } from './foundation/telemetry/index.ts'
