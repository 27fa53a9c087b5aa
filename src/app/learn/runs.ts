import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../../foundation/base/index.ts'
import { Registry } from '../../learning/registry/index.ts'
import { readRecord, type RunRecord, runPage, sweepPage, type Trial } from '../../learning/training/index.ts'
import { folderOf } from '../folder.ts'
import { sweepFolder, trialsOf } from './sweep.ts'

/** Where a training's record lies, in the folder of the version that came of it or of the work under way. */
const LINES = 'run.jsonl'

interface Place {
  /** MODEL/VERSION, MODEL/now for a training under way (or killed), sweep/NAME. */
  readonly run: string
  readonly file: string
}

/** One line of the list of runs. */
export interface RunSummary {
  readonly run: string
  /** Milliseconds since 1970: when its record was last written to. */
  readonly at: number
  readonly state: 'done' | 'under way' | 'sweep'
  readonly steps: number
  /** Of the latest step; the best value of a sweep. */
  readonly figure: number | undefined
  /** Losses of the steps, or values of the trials, in order. */
  readonly curve: readonly number[]
}

/** A run, whole: a training's record, or a sweep's trials. */
export type Run =
  | ({ readonly kind: 'training' } & RunRecord)
  | { readonly kind: 'sweep'; readonly asked: object; readonly trials: readonly Trial[] }

/** Every run that a data folder keeps the record of, latest first. */
export function listRuns(data: string): RunSummary[] {
  return placesOf(data)
    .map(({ run, file }) => summaryOf(run, file))
    .sort((a, b) => b.at - a.at || (a.run < b.run ? -1 : 1))
}

/** @throws SluiceError ERR_RUN_UNKNOWN */
export function showRun(data: string, run: string): Run {
  const { file } = placeOf(data, run)
  const text = readFileSync(file, 'utf8')
  if (!run.startsWith('sweep/')) return { kind: 'training', ...readRecord(text) }
  return { kind: 'sweep', asked: JSON.parse(text.split('\n', 1)[0] ?? '{}') as object, trials: trialsOf(file) }
}

/** A run as one page of HTML that needs nothing else. @throws SluiceError ERR_RUN_UNKNOWN */
export function plotRun(data: string, run: string): string {
  const shown = showRun(data, run)
  return shown.kind === 'sweep' ? sweepPage(run, shown.trials) : runPage(run, shown)
}

function placesOf(data: string): Place[] {
  const { models } = folderOf(data)
  const registry = new Registry(models)
  const places = registry
    .names()
    .flatMap((name) =>
      registry
        .versions(name)
        .map((version) => ({ run: `${name}/${version}`, file: join(models, name, version, LINES) })),
    )
  for (const name of namesIn(join(models, '.work')))
    places.push({ run: `${name}/now`, file: join(models, '.work', name, LINES) })
  for (const name of namesIn(sweepFolder(models)))
    if (name.endsWith('.jsonl'))
      places.push({ run: `sweep/${name.slice(0, -'.jsonl'.length)}`, file: join(sweepFolder(models), name) })
  return places.filter(({ file }) => existsSync(file))
}

function placeOf(data: string, run: string): Place {
  const places = placesOf(data)
  const found = places.find((place) => place.run === run)
  if (found) return found
  throw new SluiceError('ERR_RUN_UNKNOWN', [run, places.map((place) => place.run).join(', ') || 'no records yet'])
}

function summaryOf(run: string, file: string): RunSummary {
  const at = statSync(file).mtimeMs
  if (run.startsWith('sweep/')) {
    const curve = trialsOf(file).map(({ value }) => value ?? Number.NaN)
    const best = Math.max(Number.NEGATIVE_INFINITY, ...curve.filter(Number.isFinite))
    return { run, at, state: 'sweep', steps: curve.length, figure: Number.isFinite(best) ? best : undefined, curve }
  }
  const { points, end } = readRecord(readFileSync(file, 'utf8'))
  const train = points.filter(({ phase }) => phase === 'train')
  const latest = train.at(-1)
  const state = end === undefined ? 'under way' : 'done'
  return { run, at, state, steps: latest?.step ?? 0, figure: latest?.loss, curve: train.map(({ loss }) => loss) }
}

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : [])
