/** Worth of each predicted outcome: `objective.values` of the configuration. */
export interface OutcomeValues {
  readonly click: number
  readonly watch: number
  readonly satisfaction: number
  readonly report: number
  readonly return: number
}

/**
 * From the heads' probabilities to what showing an item is worth:
 *
 *     v_click P(click) + v_watch E(share watched) + v_satisfaction P(click) P(glad | says so) + v_report P(report)
 *         + v_return P(return)
 *
 * The heads click, watch and report speak of an impression; satisfaction of those who opened the item and told. Return
 * speaks of the request: does a known viewer begin another session within the return window (7 days) after a slate with
 * this item on it, opened or not? All items of a slate share that label, so what the head tells of an item is what came of
 * the slates it was on, and most of it is the viewer's own habit, which is alike for all candidates.
 *
 * A head that was not learned (no data spoke of it), or that is worth 0, counts as nothing for all candidates alike.
 */
export class ValueModel {
  private readonly values: OutcomeValues
  private readonly stride: number
  private readonly click: number
  private readonly watch: number
  private readonly satisfaction: number
  private readonly report: number
  /** -1 at a worth of 0 as well: then it is neither read nor a part. */
  private readonly returns: number

  /** `heads`: names in the order of the columns. `learned`: those that may speak. */
  constructor(values: OutcomeValues, heads: readonly string[], learned: readonly string[]) {
    const place = (head: string) => (learned.includes(head) ? heads.indexOf(head) : -1)
    this.values = values
    this.stride = heads.length
    this.click = place('click')
    this.watch = place('watch')
    this.satisfaction = place('satisfaction')
    this.report = place('report')
    this.returns = values.return === 0 ? -1 : place('return')
  }

  /** Worth of row `i` of [n x heads] probabilities. */
  value(probabilities: Float32Array, i: number): number {
    const { values, click, watch, satisfaction, report, returns } = this
    const from = i * this.stride
    const opened = click < 0 ? 0 : probabilities[from + click]
    let sum = values.click * opened
    if (watch >= 0) sum += values.watch * probabilities[from + watch]
    if (satisfaction >= 0) sum += values.satisfaction * opened * probabilities[from + satisfaction]
    if (report >= 0) sum += values.report * probabilities[from + report]
    if (returns >= 0) sum += values.return * probabilities[from + returns]
    return sum
  }

  /** The same by head: the parts sum to the worth. `return` is one where it is worth anything. */
  parts(
    probabilities: Float32Array,
    i: number,
  ): Record<Exclude<keyof OutcomeValues, 'return'>, number> & {
    return?: number
  } {
    const { values, click, watch, satisfaction, report, returns } = this
    const of = (head: number) => (head < 0 ? 0 : probabilities[i * this.stride + head])
    return {
      click: values.click * of(click),
      watch: values.watch * of(watch),
      satisfaction: values.satisfaction * of(click) * of(satisfaction),
      report: values.report * of(report),
      ...(returns >= 0 && { return: values.return * of(returns) }),
    }
  }
}
