import { DAY } from '../../foundation/base/index.ts'

/** How fast the decayed features forget, in milliseconds. Part of the features' digest. */
export const halfLives = {
  /** Rates of items, creators, categories and users. */
  rate: 14 * DAY,
  popularity: 7 * DAY,
  affinity: 30 * DAY,
  fatigue: DAY,
} as const
