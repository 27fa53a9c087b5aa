import type {
  addModel,
  checkSamples,
  externalInputs,
  exportSamples,
  importSamples,
  diffModels,
  Engine,
  EngineOptions,
  EvaluateOptions,
  EvaluationReport,
  indexShelves,
  faultNames,
  faults,
  indexedSources,
  endShadow,
  openRegistry,
  shadowModel,
  parseFaults,
  requireRankers,
  rungsOf,
  requireSettings,
  strangeModels,
  listRuns,
  parseSetting,
  parseSpace,
  plotRun,
  runSweep,
  showRun,
  sparkline,
  trainModels,
  trainOnline,
} from '../app/index.ts'
import type { Importer, Records } from '../connect/index.ts'
import type { Log, LogLevel, Metrics, Traces, TracesOptions } from '../foundation/telemetry/index.ts'
import type { Server, ServerParts } from '../server/index.ts'

/** What an importer gives and an engine takes. */
export type ImportSteps = Parameters<Engine['import']>[0]

/**
 * The rooms behind the commands, loaded when a command needs them: `--help` stays quick, and a test hands in doubles.
 */
export interface Rooms {
  app(): Promise<{
    createEngine(options: EngineOptions): Engine
    evaluate(options: EvaluateOptions): Promise<EvaluationReport>
    rungsOf: typeof rungsOf
    trainModels: typeof trainModels
    addModel: typeof addModel
    externalInputs: typeof externalInputs
    trainOnline: typeof trainOnline
    checkSamples: typeof checkSamples
    exportSamples: typeof exportSamples
    importSamples: typeof importSamples
    runSweep: typeof runSweep
    parseSetting: typeof parseSetting
    parseSpace: typeof parseSpace
    listRuns: typeof listRuns
    showRun: typeof showRun
    plotRun: typeof plotRun
    sparkline: typeof sparkline
    openRegistry: typeof openRegistry
    endShadow: typeof endShadow
    shadowModel: typeof shadowModel
    diffModels: typeof diffModels
    indexShelves: typeof indexShelves
    faults: typeof faults
    faultNames: typeof faultNames
    indexedSources: typeof indexedSources
    parseFaults: typeof parseFaults
    requireRankers: typeof requireRankers
    requireSettings: typeof requireSettings
    strangeModels: typeof strangeModels
    /** The live process that has the folder open. */
    holdsOwnData(data: string): boolean
    lockedBy(data: string): { readonly pid: number } | undefined
  }>
  connect(): Promise<{
    readonly importers: Readonly<Record<string, Pick<Importer, 'read'>>>
    readonly jsonlLines: (records: Records) => Iterable<string>
  }>
  server(): Promise<{ createServer(parts: ServerParts): Promise<Pick<Server, 'listen' | 'close'>> }>
  telemetry(): Promise<{
    createLog(level: LogLevel): Log
    createMetrics(): Metrics
    openTraces(options: TracesOptions, version: string): Promise<Traces>
  }>
}
