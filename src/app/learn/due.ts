import { HOUR } from '../../foundation/base/index.ts'
import { type Config, type ModelName, trainable } from '../../domain/index.ts'
import type { Registry } from '../../learning/registry/index.ts'
import { SEQUENCE, TWO_TOWER } from '../../serving/inference/index.ts'
import { trainedAt } from './trained-whole.ts'

/** What is nearly due goes along when something is due, so that teachers and those they teach stay together. */
const NEARLY = 0.8

/**
 * Models that have a place in serving, teachers before those they teach, and first what gains most: a fine rank is there in
 * half a minute, a sequence model in two.
 */
export function placed({ ranking, learning }: Pick<Config, 'ranking' | 'learning'>): ModelName[] {
  if (learning.models.length > 0) return [...learning.models]
  const places: readonly string[] = [ranking.fine, ranking.coarse, ranking.degraded, TWO_TOWER, SEQUENCE]
  const taught = trainable.some((model) => model === ranking.fine) // else nobody is there to teach a coarse one
  return trainable
    .filter((model) => places.includes(model) && (taught || model !== 'coarse'))
    .sort((a, b) => places.indexOf(a) - places.indexOf(b))
}

/** Epochs of what is trained for the first time, so that a new platform has all its models within minutes. */
export const FIRST_EPOCHS: Readonly<Partial<Record<ModelName, number>>> = { [SEQUENCE]: 5 }

/**
 * What is to be trained now: what never was, what is older than `everyHours`, and what was trained on other features than
 * those that are served, so that it cannot serve. What went on learning from the stream is as old as its training as a whole.
 */
export function due(
  config: Pick<Config, 'ranking' | 'learning'>,
  registry: Registry,
  now: number,
  featureDigest: string,
): ModelName[] {
  const { everyHours } = config.learning
  const age = new Map(
    placed(config).map((model) => {
      const latest = registry.list(model).at(-1)?.manifest
      const usable = latest !== undefined && ['none', featureDigest].includes(latest.features.digest)
      return [model, usable ? (now - trainedAt(latest)) / HOUR : Number.POSITIVE_INFINITY]
    }),
  )
  const old = (hours: number, share: number) =>
    hours === Number.POSITIVE_INFINITY || (everyHours > 0 && hours >= everyHours * share)
  if (![...age.values()].some((hours) => old(hours, 1))) return []
  return [...age].filter(([, hours]) => old(hours, NEARLY)).map(([model]) => model)
}
