import type { Engine, EngineOptions, EvaluateOptions, EvaluationReport } from '../app/index.ts'
import type { Importer, Records } from '../connect/index.ts'
import type { Config } from '../domain/index.ts'

/** What an importer gives and an engine takes. */
export type ImportSteps = Parameters<Engine['import']>[0]

export interface ServerFace {
  /** Resolves with the address when it listens. */
  listen(): Promise<{ readonly url: string }>
  close(): Promise<void>
}

/**
 * The rooms behind the commands, loaded when a command needs them: `--help` stays quick, and a test hands in doubles.
 */
export interface Rooms {
  app(): Promise<{
    createEngine(options: EngineOptions): Engine
    evaluate(options: EvaluateOptions): Promise<EvaluationReport>
    lockedBy(data: string): { readonly pid: number; readonly url?: string } | undefined
  }>
  connect(): Promise<{
    readonly importers: Readonly<Record<string, Pick<Importer, 'read'>>>
    readonly jsonlLines: (records: Records) => Iterable<string>
  }>
  server(): Promise<(options: { engine: Engine; config: Config['server'] }) => Promise<ServerFace>>
}
