import type { ClicksJudged } from '../../foundation/telemetry/index.ts'

/** Upper edges of the bins of predicted click probability: narrow where click rates are. */
export const calibrationEdges = [0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 1] as const

/** Label of the bin that a probability falls into: its upper edge. */
export function binOf(probability: number): string {
  return String(calibrationEdges.find((edge) => probability <= edge) ?? 1)
}

const SHOWN = 1
const CLICKED = 2

/** What became of the items of one slate: predictions made, and which were already counted. */
export class Predictions {
  private readonly clicks: Float32Array
  private readonly counted: Uint8Array

  /** `clicks`: predicted probability per place of the slate; NaN where none was made. */
  constructor(clicks: Float32Array) {
    this.clicks = clicks
    this.counted = new Uint8Array(clicks.length)
  }

  /**
   * Counts an impression or a click on one place, each once; a click whose impression was never told counts as both.
   * Gives what it adds, or undefined.
   */
  outcome(place: number, clicked: boolean): ClicksJudged | undefined {
    const predicted = this.clicks[place]
    if (predicted === undefined || !(predicted >= 0 && predicted <= 1)) return undefined
    const before = this.counted[place]
    const after = before | SHOWN | (clicked ? CLICKED : 0)
    if (after === before) return undefined
    this.counted[place] = after
    const impressions = before & SHOWN ? 0 : 1
    const clicks = (after & CLICKED) > (before & CLICKED) ? 1 : 0
    return { bin: binOf(predicted), impressions, predicted: impressions * predicted, clicks }
  }
}
