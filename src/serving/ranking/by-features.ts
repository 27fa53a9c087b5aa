import type { Config } from '../../domain/index.ts'
import { Bootstrap, shiftNames } from './bootstrap.ts'
import { inputsFrom } from './inputs.ts'

/**
 * Log-odds of a click by the bootstrap ranker from features alone, as if no source had spoken: what it says of logged
 * slates, of which nobody knows any more who proposed what.
 * @returns for rows of features [n x names], [n] log-odds
 * @throws RangeError when a feature that it needs is missing
 */
export function bootstrapClicks(
  { ranking }: Pick<Config, 'ranking'>,
  names: readonly string[],
): (features: Float32Array) => Float32Array {
  const model = new Bootstrap(ranking)
  const inputs = inputsFrom(names)
  return (features) =>
    Float32Array.from({ length: features.length / names.length }, (_, i) => {
      const shifts = model.shifts(inputs(features, i))
      return shiftNames.reduce((odds, name) => odds + shifts[name], model.prior + model.evidence(0))
    })
}
