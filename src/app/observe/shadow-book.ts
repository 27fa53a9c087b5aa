import type { Log, Metrics } from '../../foundation/telemetry/index.ts'
import type { LiveModel } from '../../serving/inference/index.ts'
import { ShadowComparison } from '../../serving/watch/index.ts'
import type { ShadowStatus } from '../engine.ts'
import type { RefusedShadow } from '../learn/shadow-models.ts'
import type { ShadowNews } from '../serve/shadows.ts'

/** The gauges are made anew when so much time has passed since they were: they take a pass over all that is kept. */
const GAUGES_MS = 1000

interface Page {
  readonly shadow: string
  readonly live: string
  readonly comparison: ShadowComparison
  compared: number
  skipped: number
  failed: number
  toldAt: number
}

/**
 * What versions in the shadow come to beside the live ones: the figures of all threads that serve. A page is of one pair; when either
 * side is another version, it begins anew.
 */
export class ShadowBook {
  private readonly pages = new Map<string, Page>()
  private readonly metrics: Metrics | undefined
  private readonly log: Log | undefined

  constructor(metrics: Metrics | undefined, log: Log | undefined) {
    this.metrics = metrics
    this.log = log
  }

  readonly take = (news: ShadowNews): void => {
    const { model, result } = news
    const page = this.pageOf(news)
    page[result]++
    this.metrics?.shadowSlate(model, result)
    if (result === 'failed' && page.failed === 1)
      this.log?.warn({ ...news }, 'a version in the shadow cannot score; slates are as they were')
    if (result !== 'compared') return
    const { scores } = news
    page.comparison.add(scores)
    this.metrics?.shadowTimes(model, scores.ms.live / 1000, scores.ms.shadow / 1000)
    this.tell(model, page)
  }

  /** By model, of those that have a version in the shadow, or should have. */
  status(models: readonly LiveModel[], refused: ReadonlyMap<string, RefusedShadow>): Record<string, ShadowStatus> {
    const told: Record<string, ShadowStatus> = {}
    for (const { model, shadow } of models) {
      if (model === undefined) continue
      const no = refused.get(model)
      if (no) told[model] = { ...no, compared: 0, skipped: 0, failed: 0 }
      else if (shadow?.version !== undefined) told[model] = this.statusOf(model, shadow.version)
    }
    return told
  }

  private statusOf(model: string, version: string): ShadowStatus {
    const page = this.pages.get(model)
    if (page?.shadow !== version) return { version, compared: 0, skipped: 0, failed: 0 }
    const { live, compared, skipped, failed, comparison } = page
    const figures = comparison.figures()
    return { version, live, compared, skipped, failed, ...(figures && { figures }) }
  }

  private pageOf({ model, shadow, live }: ShadowNews): Page {
    const known = this.pages.get(model)
    if (known?.shadow === shadow && known.live === live) return known
    const fresh = { compared: 0, skipped: 0, failed: 0, toldAt: Number.NEGATIVE_INFINITY }
    const page = { shadow, live, comparison: new ShadowComparison(), ...fresh }
    this.pages.set(model, page)
    return page
  }

  private tell(model: string, page: Page): void {
    const now = performance.now()
    if (!this.metrics || now - page.toldAt < GAUGES_MS) return
    page.toldAt = now
    const figures = page.comparison.figures()
    if (!figures) return
    const { overlap, kept, slates, psi } = figures
    this.metrics.shadow(model, { overlap, kept, slates, psi: psi?.value })
  }
}
