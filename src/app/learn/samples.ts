import { readdirSync, statSync } from 'node:fs'
import type { Config } from '../../domain/index.ts'
import { SluiceError } from '../../foundation/base/index.ts'
import { exportParquet, type SampleReport, validateSamples, writeSamples } from '../../stream/samples/index.ts'
import type { Progress } from '../engine.ts'
import { Workshop } from './workshop.ts'

export interface SamplesOptions {
  readonly data: string
  readonly config: Config
  /** A file or Parquet folder to read instead of the journal. */
  readonly from?: string
  readonly onProgress?: (progress: Progress) => void
}

/** Name of a file of samples; anything else is a Parquet folder. */
const FILE = '.samples'

export interface SamplesWritten {
  readonly out: string
  readonly requests: number
  readonly impressions: number
}

/**
 * Writes the samples of a data folder: to a file when `out` ends in `.samples`, else to a folder of Parquet files.
 * @throws SluiceError ERR_TRAIN_DATA, ERR_DUCKDB_MISSING, ERR_FILE_WRITE
 */
export async function exportSamples(options: SamplesOptions, out: string): Promise<SamplesWritten> {
  requireFree(out)
  const { samples, parts } = await materialOf(options)
  const { items, users } = parts.state
  const names = { item: (row: number) => items.ids.name(row), user: (row: number) => users.ids.name(row) }
  if (out.endsWith(FILE)) writeSamples(out, samples.header, samples.chunks)
  else await exportParquet(samples, out, names)
  return { out, requests: samples.requests, impressions: samples.impressions }
}

/**
 * Looked at before the journal is read, which takes long: a folder takes the place of none that holds something.
 * @throws SluiceError ERR_FILE_WRITE
 */
function requireFree(out: string): void {
  const there = statSync(out, { throwIfNoEntry: false })
  if (there === undefined) return
  if (out.endsWith(FILE) ? there.isFile() : there.isDirectory() && readdirSync(out).length === 0) return
  throw new SluiceError('ERR_FILE_WRITE', [out, 'it is there already, and an export replaces no folder'])
}

/** Takes a Parquet folder, checks it, and writes it as a file to train on. Gives the report; nothing is written when it fails. */
export async function importSamples(options: SamplesOptions, out: string): Promise<SampleReport> {
  const { samples, parts } = await materialOf(options)
  const report = validateSamples(samples, { ...EXPECTED, ranges: parts.features.ranges })
  if (report.pass) writeSamples(out, samples.header, samples.chunks)
  return report
}

/** Holds samples against what training needs. */
export async function checkSamples(options: SamplesOptions): Promise<SampleReport> {
  const { samples, parts } = await materialOf(options)
  return validateSamples(samples, { ...EXPECTED, ranges: parts.features.ranges, featureDigest: parts.features.digest })
}

/** Days without a request are told in the report; here they are no fault. */
const EXPECTED = { emptyDaysMax: Number.POSITIVE_INFINITY }

const materialOf = ({ data, config, onProgress, from }: SamplesOptions) =>
  new Workshop(data, config, onProgress, { samples: from }).material()
