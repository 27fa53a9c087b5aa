/** Worth of each predicted outcome: `objective.values` of the configuration. */
export interface OutcomeValues {
  readonly click: number
  readonly watch: number
  readonly satisfaction: number
  readonly report: number
}

/**
 * From the heads' probabilities to what showing an item is worth:
 *
 *     v_click P(click) + v_watch E(share watched) + v_satisfaction P(click) P(glad | says so) + v_report P(report)
 *
 * The heads click, watch and report speak of an impression; satisfaction of those who opened the item and told. A head
 * that was not learned (no data spoke of it) counts as nothing for all candidates alike.
 */
export class ValueModel {
  private readonly values: OutcomeValues
  private readonly stride: number
  private readonly click: number
  private readonly watch: number
  private readonly satisfaction: number
  private readonly report: number

  /** `heads`: names in the order of the columns. `learned`: those that may speak. */
  constructor(values: OutcomeValues, heads: readonly string[], learned: readonly string[]) {
    const place = (head: string) => (learned.includes(head) ? heads.indexOf(head) : -1)
    this.values = values
    this.stride = heads.length
    this.click = place('click')
    this.watch = place('watch')
    this.satisfaction = place('satisfaction')
    this.report = place('report')
  }

  /** Worth of row `i` of [n x heads] probabilities. */
  value(probabilities: Float32Array, i: number): number {
    const { values, click, watch, satisfaction, report } = this
    const from = i * this.stride
    const opened = click < 0 ? 0 : probabilities[from + click]
    let sum = values.click * opened
    if (watch >= 0) sum += values.watch * probabilities[from + watch]
    if (satisfaction >= 0) sum += values.satisfaction * opened * probabilities[from + satisfaction]
    if (report >= 0) sum += values.report * probabilities[from + report]
    return sum
  }

  /** The same by head: the parts sum to the worth. */
  parts(probabilities: Float32Array, i: number): Record<keyof OutcomeValues, number> {
    const { values, click, watch, satisfaction, report } = this
    const of = (head: number) => (head < 0 ? 0 : probabilities[i * this.stride + head])
    return {
      click: values.click * of(click),
      watch: values.watch * of(watch),
      satisfaction: values.satisfaction * of(click) * of(satisfaction),
      report: values.report * of(report),
    }
  }
}
