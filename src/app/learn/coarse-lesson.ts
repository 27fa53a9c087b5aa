import { SluiceError } from '../../foundation/base/index.ts'
import type { RankerArtifact, ScoreRequest } from '../../learning/models/index.ts'
import type { Registry } from '../../learning/registry/index.ts'
import { EXTERNAL, codesOf, rankerConfig, readRankerArtifact } from '../../serving/inference/index.ts'
import { candidateRequests } from './candidates.ts'
import { REQUESTS, REQUESTS_LEAST } from './coarse-limits.ts'
import type { TrainOptions } from './report.ts'
import type { Material, Workshop } from './workshop.ts'

/** What a coarse ranker learns from: the live fine ranker, and requests with all the candidates it would cut. */
export interface Lesson {
  /** NAME/VERSION of the fine ranker. */
  readonly teacher: string
  readonly artifact: RankerArtifact
  /** Moment from which on nothing had a part in it: no outcome in the fine ranker, no viewer or item in the requests. */
  readonly learntUntil: number
  readonly requests: readonly ScoreRequest[]
  readonly material: Material
}

/** Why the latest version of a teacher does not serve; nothing when it was never trained. */
function whyIdle(registry: Registry, teacher: string): string[] {
  const latest = registry.list(teacher).at(-1)
  const failed = latest?.manifest?.gates.find(({ pass }) => !pass)
  return latest && failed ? [`the latest, ${latest.version}, does not serve: ${failed.gate}: ${failed.say}`] : []
}

/**
 * `student`: who is to learn.
 * @throws SluiceError ERR_TRAIN_TEACHER when no fine ranker is live, ERR_MODEL_STATE when it comes from outside,
 * ERR_MODEL_FEATURES when it reads other features than
 * there are now, ERR_TRAIN_DATA for too few viewers with candidates
 */
export async function lessonOf(
  student: string,
  { config, data, seed, onProgress }: TrainOptions & { readonly seed: string },
  workshop: Workshop,
): Promise<Lesson> {
  const { registry } = workshop
  const { fine } = config.ranking
  const { artifact: live } = await registry.loadLive(fine)
  if (!live) throw new SluiceError('ERR_TRAIN_TEACHER', [student, fine, ...whyIdle(registry, fine)])
  if (live.manifest.kind === EXTERNAL) {
    const why = 'it was trained outside; name one that is trained here in ranking.fine'
    throw new SluiceError('ERR_MODEL_STATE', [
      'distil a coarse ranker from',
      `${live.manifest.name}/${live.manifest.version}`,
      why,
    ])
  }
  const material = await workshop.material()
  const { parts } = material
  const teacher = `${fine}/${live.manifest.version}`
  const { digest } = live.manifest.features
  if (digest !== parts.features.digest)
    throw new SluiceError('ERR_MODEL_FEATURES', [teacher, digest, parts.features.digest])
  const { surfaces, kinds, learntUntil } = rankerConfig(live)
  const artifact = readRankerArtifact(live)
  const codes = { surfaces: codesOf(surfaces), kinds: codesOf(kinds) }
  const asked = { count: REQUESTS, history: artifact.manifest.spec.history, seed }
  onProgress?.({ phase: `${student}: candidates`, done: 0, total: 1 })
  const requests = await candidateRequests(material, registry, codes, asked)
  if (requests.length < REQUESTS_LEAST) {
    const wanted = `${REQUESTS_LEAST} viewers with a history, on surfaces that retrieve more than they rank`
    throw new SluiceError('ERR_TRAIN_DATA', [data, wanted, `${requests.length}`])
  }
  return { teacher, artifact, learntUntil: Math.max(learntUntil, parts.clock.now() + 1), requests, material }
}
