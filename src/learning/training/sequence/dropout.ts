import { Random } from '../../../foundation/base/index.ts'

/** Masks are drawn eight bits at a time, so a rate is met to within this. */
const GRAIN = 256

/**
 * Fills masks with 0 at the given rate and 1 / (1 - rate) elsewhere, so that the mean stays. Rates are rounded to
 * 1/256 and the factor to the rounded rate. Equal seeds give equal masks: a resumed run draws what the first one did.
 */
export function fillMasks(masks: readonly Float32Array[], rate: number, seed: string): void {
  const dropped = Math.round(rate * GRAIN)
  if (!(dropped >= 0 && dropped < GRAIN)) throw new RangeError(`Cannot drop a share of ${rate}: 0 to below 1`)
  const factor = GRAIN / (GRAIN - dropped)
  const random = new Random(seed)
  for (const mask of masks) {
    for (let i = 0; i < mask.length; i += 4) {
      const bits = random.uint32()
      mask[i] = (bits & 255) < dropped ? 0 : factor
      mask[i + 1] = ((bits >>> 8) & 255) < dropped ? 0 : factor // writes past the end of a mask are ignored
      mask[i + 2] = ((bits >>> 16) & 255) < dropped ? 0 : factor
      mask[i + 3] = bits >>> 24 < dropped ? 0 : factor
    }
  }
}
