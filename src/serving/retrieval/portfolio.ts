import type { StageStatus } from '../../domain/index.ts'

/** Slates before a source is judged. */
export const SLATES_LEAST = 1000
/** A source that serves less than this share of its slates one item of its own adds nothing. */
const UNIQUE_LEAST = 0.001
/** A source whose own clicks per millisecond are below this part of the median (of those with any) does not pay. */
const WORTH_LEAST = 0.1

/** What one source is worth, over all surfaces since the start. */
export interface PortfolioRow {
  readonly source: string
  readonly retrieved: number
  readonly ranked: number
  readonly served: number
  readonly clicked: number
  /** Served items that no other source proposed. */
  readonly unique: number
  readonly uniqueClicked: number
  readonly msMean: number
  readonly msMax: number
  readonly late: number
  readonly failed: number
  readonly verdict: string
}

export interface SlateSeen {
  readonly sources: readonly {
    readonly name: string
    readonly status: StageStatus
    readonly ms: number
    readonly count: number
  }[]
  /** Masks of the candidates that were fine-ranked, and of those served. Bit s stands for sourceNames[s]. */
  readonly rankedMasks: ArrayLike<number>
  readonly servedMasks: ArrayLike<number>
  readonly sourceNames: readonly string[]
}

interface Account {
  slates: number
  retrieved: number
  ranked: number
  served: number
  clicked: number
  unique: number
  uniqueClicked: number
  ms: number
  msMax: number
  late: number
  failed: number
}

/** Keeps account of what every source costs and brings. */
export class Portfolio {
  private readonly accounts = new Map<string, Account>()
  private slates = 0

  observeSlate({ sources, rankedMasks, servedMasks, sourceNames }: SlateSeen): void {
    this.slates++
    for (const { name, status, ms, count } of sources) {
      const account = this.of(name)
      account.slates++
      account.retrieved += count
      account.ms += ms
      account.msMax = Math.max(account.msMax, ms)
      if (status === 'late') account.late++
      if (status === 'failed') account.failed++
    }
    this.count(rankedMasks, sourceNames, (account) => account.ranked++)
    this.count(servedMasks, sourceNames, (account, alone) => {
      account.served++
      if (alone) account.unique++
    })
  }

  observeClick(mask: number, sourceNames: readonly string[]): void {
    this.count([mask], sourceNames, (account, alone) => {
      account.clicked++
      if (alone) account.uniqueClicked++
    })
  }

  report(): { readonly slates: number; readonly rows: PortfolioRow[] } {
    const judged = [...this.accounts.values()].filter((account) => account.slates >= SLATES_LEAST)
    const median = medianOf(judged.map(worth).filter((one) => one > 0))
    const rows = [...this.accounts].map(([source, account]): PortfolioRow => {
      const { slates, ms, ...sums } = account
      return { source, ...sums, msMean: slates === 0 ? 0 : ms / slates, verdict: verdict(account, median) }
    })
    return { slates: this.slates, rows: rows.sort((a, b) => b.served - a.served || (a.source < b.source ? -1 : 1)) }
  }

  /** Of the sources that enough slates have told of: clicks that no other source would have brought, per millisecond. */
  worths(): Record<string, number> {
    const judged = [...this.accounts].filter(([, { slates }]) => slates >= SLATES_LEAST)
    return Object.fromEntries(judged.map(([name, account]) => [name, worth(account)]))
  }

  private of(name: string): Account {
    let account = this.accounts.get(name)
    if (!account) {
      account = { slates: 0, retrieved: 0, ranked: 0, served: 0, clicked: 0, ...EMPTY }
      this.accounts.set(name, account)
    }
    return account
  }

  private count(
    masks: ArrayLike<number>,
    names: readonly string[],
    visit: (account: Account, alone: boolean) => void,
  ): void {
    const accounts = names.map((name) => this.of(name))
    for (let i = 0; i < masks.length; i++) {
      const mask = masks[i]
      const alone = (mask & (mask - 1)) === 0
      accounts.forEach((account, s) => {
        if ((mask & (1 << s)) !== 0) visit(account, alone)
      })
    }
  }
}

const EMPTY = { unique: 0, uniqueClicked: 0, ms: 0, msMax: 0, late: 0, failed: 0 }

/** Clicks that no other source would have brought, per millisecond spent. Less than 0.01 ms a slate counts as that. */
function worth({ uniqueClicked, ms, slates }: Account): number {
  return uniqueClicked / Math.max(ms, slates * 0.01)
}

function medianOf(values: number[]): number {
  const sorted = values.sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return 0
  const high = sorted[middle] as number
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] as number)) / 2
}

function verdict(account: Account, median: number): string {
  const { slates, unique, uniqueClicked, late, failed } = account
  if (slates < SLATES_LEAST) return `too early to say: ${slates} of ${SLATES_LEAST} slates`
  if (failed + late > slates / 10)
    return `does not earn its budget: late or failed on ${late + failed} of ${slates} slates`
  if (unique < slates * UNIQUE_LEAST)
    return `does not earn its budget: served ${unique} items that no other source proposed, on ${slates} slates`
  if (median > 0 && worth(account) < median * WORTH_LEAST)
    return `does not earn its budget: ${uniqueClicked} clicks of its own are under a tenth of the median per millisecond`
  return 'earns its budget'
}
