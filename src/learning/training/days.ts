import { DAY } from '../../foundation/base/index.ts'

/** Milliseconds since 1970 in days, from a moment near those of today on: as a float32 rounded to seconds, in order. */
export const days = (at: number): number => (at - NEAR_TODAY) / DAY
const NEAR_TODAY = Date.UTC(2026, 0, 1)
