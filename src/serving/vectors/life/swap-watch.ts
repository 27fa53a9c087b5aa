import { psi, SAMPLES_MIN } from '../../../judging/drift/index.ts'
import type { LifeLimits } from './limits.ts'
import { type Check, type Verdict, verdictOf } from './verdict.ts'

/** What a slate tells of an index: whether its source counts, and what the ranker thinks of what it brought. */
export interface SlateSeen {
  /** Items shown. */
  readonly shown: number
  /** Those of them that the source proposed. */
  readonly contributed: number
  /** Fine-rank scores of the shown items. */
  readonly scores: readonly number[]
  /** Who gave them: those of different ones are not compared. Missing: it is always the same. */
  readonly ranker?: string
}

/** The latest slates: sums to go by, and their scores. */
class Side {
  private readonly slates: SlateSeen[] = []
  private readonly most: number
  private first = 0

  constructor(most: number) {
    this.most = most
  }

  get length(): number {
    return this.slates.length
  }

  add(slate: SlateSeen): void {
    if (this.slates.length < this.most) this.slates.push(slate)
    else {
      this.slates[this.first] = slate
      this.first = (this.first + 1) % this.most
    }
  }

  scores(): number[] {
    return this.slates.flatMap(({ scores }) => [...scores])
  }

  /** Who gave the scores; undefined when several did. */
  get ranker(): string | undefined {
    const [first, ...others] = new Set(this.slates.map(({ ranker = '' }) => ranker))
    return others.length === 0 ? first : undefined
  }

  get contribution(): number {
    let shown = 0
    let contributed = 0
    for (const slate of this.slates) {
      shown += slate.shown
      contributed += slate.contributed
    }
    return shown === 0 ? 0 : contributed / shown
  }
}

/**
 * Did a swap change what viewers get? Slates before it are held against as many after it: the distribution of fine-rank
 * scores when one ranker gave them all, and the share of the shown that the source proposed. A change for the better in either is a change too, but
 * only the contribution's fall counts against the index.
 */
export class SwapWatch {
  private readonly limits: LifeLimits
  private before: Side
  private after: Side | undefined

  constructor(limits: LifeLimits) {
    this.limits = limits
    this.before = new Side(limits.watchSlates)
  }

  /** An index was swapped in: what comes from now on is held against what was. */
  swapped(): void {
    if (this.after && this.after.length > 0) this.before = this.after
    this.after = new Side(this.limits.watchSlates)
  }

  /** It was taken back: the slates it made are no baseline. */
  takenBack(): void {
    this.after = undefined
  }

  /** A verdict when enough slates were seen on both sides; after it, the new side is what the next is held against. */
  add(slate: SlateSeen): Verdict | undefined {
    const { after, before, limits } = this
    if (!after) {
      before.add(slate)
      return undefined
    }
    after.add(slate)
    if (after.length < limits.watchSlates) return undefined
    const verdict = this.judge(before, after)
    this.before = after
    this.after = undefined
    return verdict
  }

  private judge(before: Side, after: Side): Verdict | undefined {
    if (before.length < this.limits.watchSlates) return undefined // it is the first: there is nothing to go by
    const { contributionLeast, psiMax } = this.limits
    const least = before.contribution * contributionLeast
    const checks: Check[] = [
      {
        check: 'contribution',
        pass: after.contribution >= least,
        value: after.contribution,
        limit: least,
        say: `the source proposed ${percent(after.contribution)} of what is shown, and ${percent(before.contribution)} before`,
      },
    ]
    const [old, now] = [before.scores(), after.scores()]
    const alike = before.ranker !== undefined && before.ranker === after.ranker
    if (alike && old.length >= SAMPLES_MIN && now.length >= SAMPLES_MIN) {
      const { value, noise } = psi(old, now)
      checks.push({
        ...{ check: 'fine scores', pass: value < Math.max(psiMax, noise), value, limit: psiMax },
        say: `fine-rank scores are distributed otherwise: PSI ${value.toFixed(3)}, wanted below ${psiMax}`,
      })
    }
    return verdictOf(checks)
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
