import { type Clock, Random, systemClock, TopK } from '../../../foundation/base/index.ts'
import type { Estimate } from '../../../judging/metrics/index.ts'
import { HEADS, type RankingBatch } from '../../../stream/samples/index.ts'
import { schedule } from '../../embeddings/index.ts'
import type { Provider } from '../../graph/index.ts'
import {
  type Calibration,
  calibrate,
  emptyRows,
  type FeatureSpec,
  type ItemFacts,
  type RankerArtifact,
  RankingScorer,
  type RankingTables,
  type ScoreRequest,
  ValueModel,
  writeRequest,
} from '../../models/index.ts'
import { clusteredRatio } from '../clustered.ts'
import type { TrainingProgress } from '../epochs.ts'
import { completeConfig, type RankingConfig } from './config.ts'
import { exportRanker } from './export.ts'
import { RankingLearner } from './learner.ts'

export interface DistilTask {
  /** The fine ranker, and the artifact it was opened from: its tables are shared, not copied. */
  readonly teacher: RankingScorer
  readonly artifact: RankerArtifact
  readonly facts: ItemFacts
  /** Requests with all their candidates, as retrieval gives them. Those of a fifth of the viewers, by lot, judge. */
  readonly requests: readonly ScoreRequest[]
  /** What orders candidates. Default: the probability of a click. */
  readonly value?: Pick<ValueModel, 'value'>
  /** Columns of the features that the coarse ranker reads: for a thousand candidates, few. Default: the fine ranker's. */
  readonly columns?: readonly string[]
  /** The fine ranker's first so many ... */
  readonly top?: number
  /** ... must be among the coarse ranker's first so many. Default 20 of 200. */
  readonly kept?: number
  readonly config?: Partial<RankingConfig>
  readonly threads?: number
  /** Where steps are computed. Default 'cpu'. */
  readonly provider?: Provider
  readonly clock?: Clock
  readonly signal?: AbortSignal
  /** An epoch is a pass over the requests. Nothing is validated on the way. */
  readonly onProgress?: (progress: TrainingProgress<never>) => void
}

export interface DistilRun {
  readonly artifact: RankerArtifact
  readonly config: RankingConfig
  /** Share of the fine ranker's top that survives the cut, over the judging requests, and how many users those are of. */
  readonly kept: Estimate | null
  readonly users: number
  /** The coarse ranker's columns of a request [N x columns], out of the fine ranker's. */
  columnsOf(request: ScoreRequest): Float32Array
  /** Mean cut of those requests: candidates before, over candidates kept. */
  readonly cut: number
  readonly examples: number
  readonly seconds: number
}

/** Share of the viewers that are learnt from. */
const LEARNED_SHARE = 0.8
/** Passes over the requests. Each draws other candidates. */
const PASSES = 20
/** Steps between two reports of progress; one follows the last. */
const REPORT_STEPS = 50
/** Half of the candidates drawn are from the teacher's first quarter: what is to be kept is there. */
const BEST_SHARE = 0.25

/**
 * Trains the coarse ranker on the fine ranker's logits. Its tables are the fine ranker's, left as they are: serving
 * holds them once. Equal tasks give equal artifacts.
 *
 * @throws RangeError for fewer than 10 requests
 */
export async function distil(task: DistilTask): Promise<DistilRun> {
  const {
    teacher,
    artifact,
    facts,
    requests,
    threads = 1,
    provider = 'cpu',
    clock = systemClock,
    signal,
    onProgress,
  } = task
  const { top = 20, kept: most = 200 } = task
  if (requests.length < 10) throw new RangeError(`Cannot distil from ${requests.length} requests: at least 10`)
  const { spec: whole, learned: heads, calibrations } = artifact.manifest
  const { value = clickOf(whole), columns = whole.columns.map(({ name }) => name) } = task
  const spec = withColumns(whole, columns)
  const places = columns.map((name) => whole.columns.findIndex((column) => column.name === name))
  const { history, width } = spec
  const asked = { requests: 16, impressions: 32, epochs: PASSES, ...task.config }
  const config = completeConfig('coarse', { ...asked, history, width, positionDropout: 0 })
  const began = clock.ticks()
  const lessons: Lesson[] = []
  for (const request of requests) lessons.push(await lessonOf(teacher, request, value, places))
  const { learned, judged } = byViewer(lessons, config.seed)

  const learner = await RankingLearner.open(spec, config, facts, {
    threads,
    provider,
    tables: artifact.tables as RankingTables,
    objective: 'logits',
    frozen: true,
  })
  try {
    const perPass = Math.ceil(learned.length / config.requests)
    const steps = perPass * config.epochs
    const scaleAt = schedule({ kind: 'cosine', rate: 1, warmup: Math.min(config.warmup, steps - 1), steps, last: 0.02 })
    const learns = clock.ticks()
    let step = 0
    let examples = 0
    for (let pass = 0; pass < config.epochs; pass++) {
      const random = new Random(`${config.seed}/pass/${pass}`)
      const order = random.shuffle(learned.slice())
      let lossSum = 0
      for (let from = 0; from < order.length && !signal?.aborted; from += config.requests) {
        const batch = batchOf(order.slice(from, from + config.requests), config, columns.length, random)
        const { loss } = await learner.learn(batch, ++step, scaleAt(step))
        examples += batch.count * config.impressions
        lossSum += loss
        if (step % REPORT_STEPS !== 0 && step !== steps) continue
        const seconds = Math.max(1e-9, (clock.ticks() - learns) / 1000)
        onProgress?.({
          ...{ phase: 'train', epoch: pass + 1, epochs: config.epochs, step, steps },
          loss: lossSum / (step - pass * perPass),
          examplesPerSecond: examples / seconds,
          secondsLeft: (seconds / step) * (steps - step),
        })
      }
    }
    const made = exportRanker('coarse', spec, config, learner.learned, {
      heads,
      calibrations,
      candidates: COARSE_CANDIDATES,
    })
    const { kept, users } = await keptShare(made, facts, judged, { value, top, most, threads })
    const cut = judged.reduce((sum, { candidates }) => sum + candidates.length / most, 0) / judged.length
    const seconds = (clock.ticks() - began) / 1000
    return {
      artifact: made,
      config,
      ...{ kept, users },
      cut,
      examples,
      seconds,
      columnsOf: (request) => picked(request, places),
    }
  } finally {
    await learner.close()
  }
}

/** Sizes of the coarse ranker’s graphs: it scores all that retrieval gives, and padding costs as much as candidates. */
const COARSE_CANDIDATES = [256, 384, 512, 640, 768, 896, 1024]

/** The probability of a click alone. */
function clickOf({ heads }: FeatureSpec): Pick<ValueModel, 'value'> {
  return new ValueModel({ click: 1, watch: 0, satisfaction: 0, report: 0, return: 0 }, heads, ['click'])
}

/** The same specification with some of its columns. @throws RangeError for a column it does not have */
function withColumns(spec: FeatureSpec, names: readonly string[]): FeatureSpec {
  const places = names.map((name) => spec.columns.findIndex((column) => column.name === name))
  if (places.includes(-1))
    throw new RangeError(`Cannot distil with "${names[places.indexOf(-1)]}": the fine ranker has no such column`)
  return {
    ...spec,
    columns: places.map((place) => spec.columns[place] as FeatureSpec['columns'][number]),
    groupOf: places.map((place) => spec.groupOf[place] as number),
  }
}

/** A request as the coarse ranker sees it, with the teacher's logits [N x heads] and its order, best first. */
interface Lesson extends ScoreRequest {
  readonly logits: Float32Array
  readonly best: Uint32Array
}

/** A stranger's request is one of its own. */
const viewerOf = ({ user }: Lesson, i: number): number => (user >= 0 ? user : -1 - i)

/** Those to learn from and those that judge: of no viewer are there both, for they may have asked the same twice. */
function byViewer(lessons: readonly Lesson[], seed: string): { readonly learned: Lesson[]; readonly judged: Lesson[] } {
  const viewers = new Random(`${seed}/judges`).shuffle([...new Set(lessons.map(viewerOf))])
  const judges = new Set(viewers.slice(Math.max(1, Math.floor(viewers.length * LEARNED_SHARE))))
  const [learned, judged]: [Lesson[], Lesson[]] = [[], []]
  for (const [i, lesson] of lessons.entries()) (judges.has(viewerOf(lesson, i)) ? judged : learned).push(lesson)
  return { learned, judged }
}

async function lessonOf(
  teacher: RankingScorer,
  request: ScoreRequest,
  value: Pick<ValueModel, 'value'>,
  places: readonly number[],
): Promise<Lesson> {
  const logits = await teacher.logits(request)
  const n = request.candidates.length
  return { ...request, features: picked(request, places), logits, best: orderOf(teacher, logits, value, n) }
}

function picked({ features, candidates }: ScoreRequest, places: readonly number[]): Float32Array {
  const n = candidates.length
  const width = features.length / Math.max(1, n)
  const out = new Float32Array(n * places.length)
  for (let i = 0, to = 0; i < n; i++) for (const place of places) out[to++] = features[i * width + place]
  return out
}

/** Places of candidates by the value of their probabilities, best first; at most `most`. */
function orderOf(
  { manifest }: RankingScorer,
  logits: Float32Array,
  value: Pick<ValueModel, 'value'>,
  most: number,
): Uint32Array {
  const { calibrations } = manifest
  const heads = calibrations.length
  const probabilities = logits.map((z, i) => calibrate(calibrations[i % heads] as Calibration, z))
  const top = new TopK(most)
  for (let i = 0; i * heads < logits.length; i++) top.offer(i, value.value(probabilities, i))
  return top.take().rows
}

/** Candidates by lot: half of them from the teacher's best. Labels are the teacher's logits. */
function batchOf(
  lessons: readonly Lesson[],
  { requests, impressions, history }: RankingConfig,
  width: number,
  random: Random,
): RankingBatch {
  const rows = emptyRows(requests, impressions, history, width)
  const n = requests * impressions
  const labels = new Float32Array(n * HEADS)
  const weight = new Float32Array(n)
  for (const [r, lesson] of lessons.entries()) {
    writeRequest(rows, r, lesson)
    const { length } = lesson.candidates
    const best = Math.max(1, Math.ceil(length * BEST_SHARE))
    for (let k = 0; k < impressions; k++) {
      const place = k % 2 === 0 ? lesson.best[random.int(best)] : random.int(length)
      const i = r * impressions + k
      rows.item[i] = lesson.candidates[place]
      rows.features.set(lesson.features.subarray(place * width, (place + 1) * width), i * width)
      labels.set(lesson.logits.subarray(place * HEADS, (place + 1) * HEADS), i * HEADS)
      weight[i] = 1
    }
  }
  const labelWeights = Float32Array.from({ length: n * HEADS }, (_, i) => weight[Math.floor(i / HEADS)])
  const request = Int32Array.from({ length: requests }, (_, r) => (r < lessons.length ? r : -1))
  return { ...rows, count: lessons.length, request, propensity: new Float32Array(n), labels, labelWeights, weight }
}

async function keptShare(
  artifact: RankerArtifact,
  facts: ItemFacts,
  lessons: readonly Lesson[],
  options: { value: Pick<ValueModel, 'value'>; top: number; most: number; threads: number },
): Promise<Pick<DistilRun, 'kept' | 'users'>> {
  const { value, top, most, threads } = options
  const scorer = await RankingScorer.open(artifact, facts, { threads })
  const clusters = new Map<number, [held: number, wanted: number]>()
  for (const [i, lesson] of lessons.entries()) {
    const survivors = new Set(orderOf(scorer, await scorer.logits(lesson), value, most))
    const best = lesson.best.subarray(0, top)
    const key = viewerOf(lesson, i)
    const [held, wanted] = clusters.get(key) ?? [0, 0]
    const own = best.reduce((count, place) => (survivors.has(place) ? count + 1 : count), 0)
    clusters.set(key, [held + own, wanted + best.length])
  }
  await scorer.close()
  const all = [...clusters.values()]
  const kept = clusteredRatio(
    all.map(([held]) => held),
    all.map(([, wanted]) => wanted),
  )
  return { kept, users: all.length }
}
