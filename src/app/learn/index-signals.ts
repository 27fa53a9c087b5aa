import type { Metrics } from '../../foundation/telemetry/index.ts'
import {
  generationOf,
  type IndexLife,
  type IndexNews,
  type Shelf,
  type Verdict,
  versionOf,
} from '../../serving/vectors/index.ts'

/** What can become of an index: told as 0 before it happens, or the first time could not be told from none. */
const becomes: Readonly<Record<IndexNews['what'], true>> = {
  ...{ built: true, shadow: true, swapped: true, refused: true, 'rolled back': true },
}

/** What metrics say of the vector indexes, by source. */
export class IndexSignals {
  private readonly metrics: Metrics
  /** What serves, and the shadow that was seen last: it can be read after it was judged. */
  private readonly seen = new Map<string, { readonly name: string; readonly shadow: IndexLife['shadow'] }>()

  constructor(metrics: Metrics) {
    this.metrics = metrics
  }

  news(source: string, { what, recall }: IndexNews): void {
    this.metrics.indexEvent(source, what)
    if (recall !== undefined) this.metrics.indexRecall(source, 'latest', recall)
  }

  /** Looks at what serves a source, one of `all` its indexes; before and after what is due is done. */
  look(source: string, life: IndexLife, all: Iterable<IndexLife>, shelf: () => Shelf): void {
    const { name, size, astray } = life
    const before = this.seen.get(source)
    if (!before) for (const what of Object.keys(becomes)) this.metrics.indexEvent(source, what, 0)
    const shadow = life.shadow ?? before?.shadow
    this.seen.set(source, { name, shadow })
    const bytes = Array.from(all, (one) => one.bytes).reduce((sum, one) => sum + one, 0)
    this.metrics.index(source, {
      ...{ size, bytes, astray },
      ...{ version: Number(versionOf(name)), generation: generationOf(name) },
    })
    if (shadow) this.metrics.indexShadow(source, shadow.queries, shadow.meanOverlap)
    if (before?.name === name) return
    const recall = generationOf(name) === 0 ? 1 : recallIn(shelf().verdict(name))
    if (recall !== undefined) this.metrics.indexRecall(source, 'live', recall)
  }
}

/** What the validation found; undefined where its verdict is not to be read. */
const recallIn = (verdict: Verdict | undefined): number | undefined =>
  verdict?.checks.find(({ check }) => check === 'recall')?.value
