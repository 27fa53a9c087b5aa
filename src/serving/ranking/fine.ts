import type { Config } from '../../domain/index.ts'
import type { Candidates, Query, Scorer } from '../pipeline/index.ts'
import { Bootstrap, type Outcomes, sigmoid, shiftNames } from './bootstrap.ts'
import { evidenceOf, sourceShares, totalEvidence } from './evidence.ts'
import { type Inputs, inputsFrom } from './inputs.ts'

/**
 * The fine rank: expected value to the objective by the bootstrap value model (see `Bootstrap`). Reads the features
 * of the set by the `names` of their reader.
 * @throws RangeError when a feature that it needs is missing
 */
export function bootstrapFine(
  { ranking, objective }: Pick<Config, 'ranking' | 'objective'>,
  names: readonly string[],
): Scorer {
  const model = new Bootstrap(ranking)
  const inputs = inputsFrom(names)
  const { values } = objective
  const perClick = ({ watch, satisfaction }: Outcomes) =>
    values.click + values.watch * watch + values.satisfaction * satisfaction

  function score(query: Query, candidates: Candidates, out: Float32Array): void {
    const shares = sourceShares(query, candidates)
    for (let i = 0; i < candidates.count; i++) {
      const read = inputs(candidates.features, i)
      const outcomes = model.outcomes(read)
      out[i] = clickOf(candidates, shares, i, read) * perClick(outcomes) + values.report * outcomes.report
    }
  }

  function clickOf(candidates: Candidates, shares: Float64Array, index: number, read: Inputs): number {
    const shifts = model.shifts(read)
    let odds = model.prior + model.evidence(totalEvidence(candidates, shares, index))
    for (const name of shiftNames) odds += shifts[name]
    return sigmoid(odds)
  }

  /** Candidates whose features could not be read have no prediction: NaN. */
  function click(query: Query, candidates: Candidates, index: number): number {
    if (candidates.features.length < candidates.count * names.length) return Number.NaN
    return clickOf(candidates, sourceShares(query, candidates), index, inputs(candidates.features, index))
  }

  /**
   * `base` is the value of an item nothing is known about; the other parts are what moves it. With p the click
   * probability and g the worth of a click, p g - p0 g0 = (p - p0)(g + g0)/2 + (g - g0)(p + p0)/2: the first half is
   * shared out among what moves the log-odds, in proportion; the second among watch and satisfaction.
   */
  function explain(query: Query, candidates: Candidates, index: number): Record<string, number> {
    const shares = sourceShares(query, candidates)
    const read = inputs(candidates.features, index)
    const outcomes = model.outcomes(read)
    const moves: Record<string, number> = {}
    candidates.sources.forEach((name, s) => {
      const rank = candidates.sourceRanks[index * shares.length + s]
      if (rank > 0) moves[`source.${name}`] = model.evidence(shares[s] * evidenceOf(rank))
    })
    Object.assign(moves, model.shifts(read))
    const moved = Object.values(moves).reduce((sum, move) => sum + move, 0)

    const { expected } = model
    const [before, after] = [sigmoid(model.prior), sigmoid(model.prior + moved)]
    const [worthBefore, worth] = [perClick(expected), perClick(outcomes)]
    const slope = Math.abs(moved) < 1e-9 ? before * (1 - before) : (after - before) / moved
    const mean = (before + after) / 2
    const parts: Record<string, number> = { base: before * worthBefore + values.report * expected.report }
    for (const [name, move] of Object.entries(moves)) parts[name] = (move * slope * (worth + worthBefore)) / 2
    parts['quality.watch'] = mean * values.watch * (outcomes.watch - expected.watch)
    parts['quality.satisfaction'] = mean * values.satisfaction * (outcomes.satisfaction - expected.satisfaction)
    parts['quality.report'] = values.report * (outcomes.report - expected.report)
    return parts
  }

  return { name: 'bootstrap', byHand: true, score, explain, click }
}
