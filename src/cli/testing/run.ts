import {
  addModel,
  checkSamples,
  externalInputs,
  diffModels,
  faultNames,
  exportSamples,
  faults,
  indexedSources,
  importSamples,
  indexShelves,
  listRuns,
  endShadow,
  openRegistry,
  shadowModel,
  parseFaults,
  parseSetting,
  parseSpace,
  plotRun,
  requireRankers,
  rungsOf,
  requireSettings,
  showRun,
  sparkline,
  strangeModels,
} from '../../app/index.ts'
import type { Engine, EngineOptions, EvaluateOptions, EvaluationReport } from '../../app/index.ts'
import { importers, jsonlLines } from '../../connect/index.ts'
import { runProgram } from '../program.ts'
import type { Rooms } from '../rooms.ts'
import { fakeEngine } from './engine.ts'
import { type FakeTerminal, fakeTerminal } from './terminal.ts'

export interface Doubles {
  readonly folder: string
  readonly engine?: Engine
  readonly holder?: { pid: number }
  readonly evaluation?: EvaluationReport
  readonly env?: Record<string, string>
  readonly rooms?: Partial<Rooms>
  /** Lines that a person types when asked. */
  readonly answers?: readonly string[]
}

export interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
  /** What the engine was made with, when it was. */
  readonly made: EngineOptions | undefined
  readonly asked: EvaluateOptions | undefined
}

/** Runs one command line on doubles; `meanwhile` may act on the terminal while it runs. */
export async function run(
  words: readonly string[],
  { folder, engine = fakeEngine(), holder, evaluation, env, rooms, answers }: Doubles,
  meanwhile?: (terminal: FakeTerminal) => void,
): Promise<Run> {
  const terminal = fakeTerminal(folder, env, answers)
  let made: EngineOptions | undefined
  let asked: EvaluateOptions | undefined
  const running = runProgram(words, {
    terminal,
    exitCode: 0,
    rooms: {
      app: async () => ({
        createEngine: (options) => {
          made = options
          return engine
        },
        evaluate: async (options) => {
          asked = options
          if (!evaluation) throw new Error('no evaluation was given')
          return evaluation
        },
        trainModels: () => {
          throw new Error('no training was given')
        },
        trainOnline: () => {
          throw new Error('no training was given')
        },
        runSweep: () => {
          throw new Error('no sweep was given')
        },
        ...{ addModel, externalInputs },
        ...{ checkSamples, exportSamples, importSamples },
        ...{ parseSetting, parseSpace, listRuns, showRun, plotRun, sparkline },
        endShadow,
        openRegistry,
        shadowModel,
        diffModels,
        indexShelves,
        faultNames,
        faults,
        indexedSources,
        rungsOf,
        parseFaults,
        holdsOwnData: () => false,
        requireRankers,
        requireSettings,
        strangeModels,
        lockedBy: () => holder,
      }),
      connect: async () => ({ importers, jsonlLines }),
      server: () => Promise.reject(new Error('no server was given')),
      telemetry: () => import('../../foundation/telemetry/index.ts'),
      ...rooms,
    },
  })
  meanwhile?.(terminal)
  const code = await running
  return { code, ...terminal.printed, made, asked }
}
