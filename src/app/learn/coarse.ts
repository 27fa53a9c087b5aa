import { SluiceError } from '../../foundation/base/index.ts'
import { RankingScorer, ValueModel } from '../../learning/models/index.ts'
import { runGates } from '../../learning/registry/index.ts'
import { distil, metricsOf as metricsOfHeads, predictionsBy, scoringTime } from '../../learning/training/index.ts'
import { codesOf, rankerConfig, readRankerArtifact } from '../../serving/inference/index.ts'
import { splitByTime } from '../../stream/samples/index.ts'
import { candidateRequests } from './candidates.ts'
import { rankerEntry } from './ranker-entry.ts'
import { metricsOf, throughFiles } from './ranker.ts'
import type { TrainOptions, TrainReport } from './report.ts'
import type { Workshop } from './workshop.ts'

const COARSE = 'coarse'
/** Requests whose candidates the fine ranker scores; the last fifth judges. */
const REQUESTS = 400
const REQUESTS_LEAST = 50
/** Of the fine ranker's first TOP, the share that must be among the coarse ranker's first KEPT. */
const TOP = 20
const KEPT = 200
const SHARE_LEAST = 0.95
/** Passes over the requests in an epoch: each draws other candidates. */
const PASSES = 5
/** Requests held against each other for parity. */
const PARITY_REQUESTS = 10

/** What is read for each of a thousand candidates, by name of the feature: cheap, and most of what the fine ranker goes by. */
const FEATURES = [
  'item.ctr',
  'item.completion',
  'item.judgement',
  'item.negative',
  'item.age',
  'item.popularity',
  'affinity.category',
  'affinity.creator',
  'fatigue.item',
  'match',
  'series',
]

/**
 * Distils the coarse ranker from the live fine one: it learns to give a thousand candidates the fine ranker's logits from
 * fewer features and a smaller network, judged by whether what the fine ranker likes best survives the cut.
 * @throws SluiceError ERR_TRAIN_TEACHER when no fine ranker is live, ERR_TRAIN_DATA for too few viewers with candidates
 */
export async function trainCoarseModel(options: TrainOptions, workshop: Workshop): Promise<TrainReport> {
  const began = performance.now()
  const { config, seed = COARSE, epochs, onProgress, signal } = options
  const { registry } = workshop
  const { fine } = config.ranking
  const { artifact: live } = await registry.loadLive(fine)
  if (!live) throw new SluiceError('ERR_TRAIN_TEACHER', [COARSE, fine])
  const { parts, samples, facts, until } = await workshop.material()
  if (live.manifest.features.digest !== parts.features.digest) {
    const { name, version, features } = live.manifest
    throw new SluiceError('ERR_MODEL_FEATURES', [`${name}/${version}`, features.digest, parts.features.digest])
  }
  const taught = rankerConfig(live)
  const artifact = readRankerArtifact(live)
  const { spec, learned } = artifact.manifest
  const codes = { surfaces: codesOf(taught.surfaces), kinds: codesOf(taught.kinds) }
  onProgress?.({ phase: `${COARSE}: candidates`, done: 0, total: 1 })
  const asked = { count: REQUESTS, history: spec.history, seed }
  const requests = await candidateRequests({ parts, registry }, codes, asked)
  if (requests.length < REQUESTS_LEAST)
    throw new SluiceError('ERR_TRAIN_DATA', [
      options.data,
      `${REQUESTS_LEAST} viewers with a history`,
      `${requests.length}`,
    ])

  const teacher = await RankingScorer.open(artifact, facts)
  const value = new ValueModel(config.objective.values, spec.heads, learned)
  const run = await distil({
    ...{ teacher, artifact, facts, requests, value, top: TOP, kept: KEPT },
    columns: columnsOf(parts.features),
    config: { seed, ...(epochs !== undefined && { epochs: epochs * PASSES }) },
    ...(signal && { signal }),
    onProgress: ({ step, steps, loss }) => onProgress?.({ phase: COARSE, done: step, total: steps, loss }),
  }).finally(() => teacher.close())
  if (signal?.aborted) throw new SluiceError('ERR_TRAIN_STOPPED', [COARSE])

  const draft = registry.draft(COARSE)
  const [trained, served] = (await Promise.all(
    [run.artifact, throughFiles(draft, run.artifact)].map((one) => RankingScorer.open(one, facts)),
  )) as [RankingScorer, RankingScorer]
  try {
    const { test } = splitByTime(samples)
    const metrics = {
      ...metricsOf({
        metrics: metricsOfHeads(await predictionsBy(served, samples, test), run.artifact.manifest.calibrations),
        config: run.config,
      }),
      ...(run.kept && { kept: run.kept.value }),
      cut: run.cut,
    }
    const own = requests.slice(-PARITY_REQUESTS).map((request) => ({ ...request, features: run.columnsOf(request) }))
    let difference = 0
    for (const request of own) {
      const [a, b] = [await trained.logits(request), await served.logits(request)]
      difference = a.reduce((most, z, i) => Math.max(most, Math.abs(z - b[i])), difference)
    }
    const most = own.reduce((a, b) => (b.candidates.length > a.candidates.length ? b : a))
    const gates = runGates(
      {
        data: [{ check: 'requests', pass: true, value: requests.length, limit: REQUESTS_LEAST }],
        offline: {
          metric: `share of the fine ranker's first ${TOP} among the first ${KEPT}`,
          better: 'higher',
          value: run.kept?.value ?? Number.NaN,
          against: `${SHARE_LEAST} that are asked for`,
          difference: run.kept && {
            value: run.kept.value - SHARE_LEAST,
            low: run.kept.low === null ? null : run.kept.low - SHARE_LEAST,
            high: run.kept.high === null ? null : run.kept.high - SHARE_LEAST,
          },
        },
        latency: { p99: await scoringTime(served, most), candidates: most.candidates.length },
        parity: { difference, rows: own.reduce((sum, { candidates }) => sum + candidates.length, 0) },
      },
      {
        waived: {
          drift: 'it follows the fine ranker, whose features are judged',
          calibration: 'it chooses who is ranked; the fine ranker says how probable what is',
        },
      },
    )
    const { artifact: before } = await registry.loadLive(COARSE)
    const manifest = await draft.commit(
      rankerEntry({
        ...{ artifact: run.artifact, samples, seed, metrics, gates, until, examples: run.examples },
        learntUntil: taught.learntUntil, // it saw no outcome that its teacher had not seen
        parents: [`${fine}/${live.manifest.version}`],
        recipe: run.config,
      }),
    )
    const promoted = gates.every((gate) => gate.pass)
    if (promoted) await registry.promote(COARSE, manifest.version, { over: before?.manifest.version })
    const seconds = (performance.now() - began) / 1000
    return { model: COARSE, version: manifest.version, examples: run.examples, seconds, metrics, gates, promoted }
  } finally {
    await trained.close()
    await served.close()
  }
}

/** Columns of the features that it reads, in the order in which they are served. */
function columnsOf({ definitions }: { readonly definitions: readonly { name: string; dims: readonly string[] }[] }) {
  return definitions.filter(({ name }) => FEATURES.includes(name)).flatMap(({ dims }) => dims)
}
