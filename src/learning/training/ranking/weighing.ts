import { SluiceError } from '../../../foundation/base/index.ts'
import {
  type BatchOptions,
  type Dataset,
  fitPowerLaw,
  positionCounts,
  powerLaw,
  weighted,
} from '../../../stream/samples/index.ts'
import type { RankingConfig } from './config.ts'

type Weights = Pick<RankingConfig, 'watchWeight' | 'userCap' | 'positionPower'>

/** Positions that are told apart; the last stands for all beyond. */
const POSITIONS = 50
/** A fitted exponent that is less sure than this (standard error) is none. */
const ERROR_MAX = 0.2

/**
 * What impressions weigh in training: by the share watched, by position, then scaled down to the cap of their viewer, whose
 * impressions are counted over `train`; without `train` nobody has a cap. Undefined where the samples' own weights stay.
 */
export function weighing(
  { watchWeight, userCap, positionPower }: Weights,
  samples: Dataset,
  train?: Uint32Array,
): BatchOptions['weigh'] {
  const capped = userCap > 0 && train !== undefined
  if (watchWeight === 0 && positionPower === 0 && !capped) return undefined
  if (positionPower === 'fitted') throw new TypeError('positionPower must be fitted before it weighs')
  return weighted(samples, {
    watch: watchWeight,
    ...(positionPower > 0 && { examination: powerLaw(positionPower, POSITIONS) }),
    ...(capped && { userCap, requestNumbers: train }),
  })
}

/**
 * The configuration with a number in the place of 'fitted': the exponent of examination, from what stood in its place by
 * lot in the requests of training. One below 0 counts as 0.
 * @throws SluiceError ERR_SAMPLES_INVALID when they are too few to tell it
 */
export function withPositionPower(config: RankingConfig, samples: Dataset, train: Uint32Array): RankingConfig {
  if (config.positionPower !== 'fitted') return config
  const counts = positionCounts(samples, { positions: POSITIONS, requestNumbers: train })
  const fit = fitPowerLaw(counts)
  if (fit === null || !(fit.error <= ERROR_MAX)) {
    const shown = counts.impressions.reduce((sum, n) => sum + n, 0)
    const why =
      fit === null
        ? 'it takes clicks at two positions or more'
        : `its error is ${fit.error.toFixed(2)}, and may be ${ERROR_MAX} at most`
    throw new SluiceError('ERR_SAMPLES_INVALID', [
      `positionPower cannot be fitted on ${shown} impressions that stood in their place by lot (${why}); set it to a number`,
    ])
  }
  return { ...config, positionPower: Math.max(0, fit.eta) }
}
