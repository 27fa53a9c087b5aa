import { Random } from '../../foundation/base/index.ts'
import type { State } from '../catalog/index.ts'
import type { Entry } from '../events/index.ts'
import type { Features } from '../features/index.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { Dataset } from './dataset.ts'
import { Draws } from './draws.ts'
import { Emitter } from './emit.ts'
import { headNames } from './heads.ts'
import { Join } from './join.ts'
import { type BuildReport, completed, emptyReport, type SampleOptions } from './options.ts'
import { SAMPLES_SCHEMA, type SampleChunk, type SamplesHeader } from './schema.ts'

/**
 * Makes samples by point-in-time replay, in one pass over two readers of the same journal: one runs ahead by the
 * windows and joins outcomes, the other folds the state and, when it comes to the first entry of a slate, reads the
 * features of all its items - before that entry is folded, so before anything that came of the slate. Bounded memory:
 * the requests that wait, and one chunk.
 *
 * `state` may already hold what lies before `entries`. Folds all entries into it. Returns the report when done.
 */
export function* buildSamples(
  entries: () => Iterable<Entry>,
  ground: { readonly state: State; readonly features: Features },
  options: SampleOptions = {},
): Generator<SampleChunk, BuildReport, undefined> {
  const whole = completed(options)
  const { attributionMs, returnMs, chunkImpressions, pendingMax, inverseWeightMax } = whole
  if (!(whole.share > 0 && whole.share <= 1)) throw new RangeError(`share must be in (0, 1], not ${whole.share}`)
  if (!(inverseWeightMax >= 1)) throw new RangeError(`inverseWeightMax must be at least 1, not ${inverseWeightMax}`)
  const join = new Join(ground.state.kinds, attributionMs, returnMs)
  const { pending } = join
  const writer = new ChunkWriter(ground.features.names.length)
  const draws = new Draws(ground.state, new Random(`${whole.seed}/negatives`))
  const report = emptyReport()
  const emitter = new Emitter(ground, join, writer, draws, whole, report)
  const ahead = entries()[Symbol.iterator]()
  let read = 0
  let ended = false
  const readOn = () => {
    const next = ahead.next()
    if (next.done) ended = true
    else join.take(next.value, read++)
  }
  const windowMs = Math.max(attributionMs, returnMs)
  for (const entry of entries()) {
    while (!ended && read <= report.entries) readOn()
    while (pending.place === report.entries) {
      while (!ended && join.latest <= pending.at + windowMs && pending.size < pendingMax) readOn()
      if (!ended && join.latest <= pending.at + windowMs) report.early++
      emitter.emit(ended)
      if (writer.rows.impressions >= chunkImpressions) yield writer.take()
    }
    ground.state.apply(entry)
    draws.seen(entry)
    report.entries++
  }
  if (writer.rows.requests > 0) yield writer.take()
  return Object.assign(report, join.counts)
}

/** All samples in memory. */
export function samplesOf(
  entries: () => Iterable<Entry>,
  ground: { readonly state: State; readonly features: Features },
  options: SampleOptions = {},
): { dataset: Dataset; report: BuildReport } {
  const chunks: SampleChunk[] = []
  const building = buildSamples(entries, ground, options)
  for (;;) {
    const step = building.next()
    if (step.done) return { dataset: new Dataset(headerOf(ground, options), chunks), report: step.value }
    chunks.push(step.value)
  }
}

/** What samples built with these options share. */
export function headerOf(
  { state, features }: { readonly state: State; readonly features: Features },
  options: SampleOptions = {},
): SamplesHeader {
  const { attributionMs, returnMs, seed, surfaces } = completed(options)
  return {
    schema: SAMPLES_SCHEMA,
    featureNames: features.names,
    featureDigest: features.digest,
    heads: headNames,
    kinds: state.kinds.names,
    surfaces: ['', ...surfaces],
    attributionMs,
    returnMs,
    seed,
  }
}
