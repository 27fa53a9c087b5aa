import type { SettableModel } from '../../domain/index.ts'
import {
  checkSettings,
  latest,
  rankerTries,
  type Split,
  towerChoices,
  trainSequence,
  type Tries,
} from '../../learning/training/index.ts'
import { computeOf } from './compute.ts'
import type { TrainOptions } from './report.ts'
import { type SequenceLesson, sequenceLesson } from './sequence-lesson.ts'
import { sequenceRecipe } from './sequence-recipe.ts'
import { retrievalFigures } from './two-tower-judge.ts'
import { learnTowers, type TowerLesson, towerLesson } from './two-tower-lesson.ts'
import { Workshop } from './workshop.ts'

type Asked = Pick<TrainOptions, 'data' | 'config' | 'epochs' | 'onProgress' | 'signal'> & { readonly seed: string }

/** How a model is tried on a folder, and what tells that data from other data. */
export interface Ground {
  readonly tries: Tries
  readonly told: Readonly<Record<string, string | number>>
}

/** @throws SluiceError ERR_TRAIN_DATA, ERR_SAMPLES_INVALID */
export function groundOf(model: SettableModel, asked: Asked): Promise<Ground> {
  const workshop = new Workshop(asked.data, asked.config, asked.onProgress)
  if (model === 'sequence') return sequenceGround(asked, workshop)
  if (model === 'two-tower') return towerGround(asked, workshop)
  return rankerGround(model, asked, workshop)
}

async function rankerGround(
  recipe: Exclude<SettableModel, 'sequence' | 'two-tower'>,
  { seed, epochs, signal }: Asked,
  workshop: Workshop,
): Promise<Ground> {
  const { samples, facts } = await workshop.material()
  const config = { seed, ...(epochs !== undefined && { epochs }) }
  return {
    tries: rankerTries({ recipe, samples, facts, config, ...(signal && { signal }) }),
    told: { requests: samples.requests, features: samples.header.featureDigest },
  }
}

/** Judged by NDCG@10 of the item before each user's last. */
async function sequenceGround(asked: Asked, workshop: Workshop): Promise<Ground> {
  const lesson = await sequenceLesson(asked, workshop)
  const { histories } = lesson
  return {
    told: { users: histories.users, items: histories.items, until: lesson.until },
    tries: {
      check: (settings) => checkSettings('sequence', settings),
      train: async (settings, share) => {
        const split = shareOf(lesson, share)
        const examples = split.validFrom.reduce((sum, from, user) => sum + from - (histories.starts[user] ?? 0), 0)
        let metrics: Readonly<Record<string, number>> = {}
        const run = await trainSequence(
          histories,
          split,
          sequenceRecipe({ ...asked, settings }, histories, asked.seed),
          {
            ...computeOf(asked),
            ...(asked.signal && { signal: asked.signal }),
            log: (record) => {
              if (record.kind === 'epoch' && record.best) metrics = record.validation
            },
          },
        )
        return run.done ? { value: run.bestValue, metrics, examples, seconds: run.seconds } : undefined
      },
    },
  }
}

/** A share of the users, evenly spread: they are learnt from and asked, the others neither. */
function shareOf({ histories: { starts }, split }: SequenceLesson, share: number): Split {
  const takes = (user: number) => Math.floor((user + 1) * share + 1e-9) > Math.floor(user * share + 1e-9)
  const only = (from: Uint32Array) => from.map((place, user) => (takes(user) ? place : (starts[user] as number)))
  return { validFrom: only(split.validFrom), testFrom: only(split.testFrom) }
}

/** Judged by recall@100 of the item before each user's last. A history of another length is read anew. */
async function towerGround(asked: Asked, workshop: Workshop): Promise<Ground> {
  const lessons = new Map<number | undefined, TowerLesson>()
  const lessonFor = async (history: number | undefined): Promise<TowerLesson> => {
    const made = lessons.get(history) ?? (await towerLesson(asked, history === undefined ? {} : { history }, workshop))
    lessons.set(history, made)
    return made
  }
  const { data, until } = await lessonFor(undefined)
  return {
    told: { consumptions: data.train.length, items: data.catalogue.length, until },
    tries: {
      check: (settings) => checkSettings('two-tower', settings),
      train: async (settings, share) => {
        const chosen = towerChoices(settings)
        const { data } = await lessonFor(chosen.history)
        const { validation } = data.cases
        const part = { ...data, train: latest(data.train, share), cases: { validation, test: validation } }
        const { metrics, examples, seconds, done } = await learnTowers(part, asked, chosen)
        const value = metrics['recall@100']?.value ?? null
        return done ? { value, metrics: retrievalFigures(metrics), examples, seconds } : undefined
      },
    },
  }
}
