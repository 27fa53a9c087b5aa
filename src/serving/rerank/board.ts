import type { SurfaceConfig } from '../../domain/index.ts'
import { fullKeys, relaxationFor } from './caps.ts'
import type { Contenders } from './contenders.ts'
import type { Spread } from './spread.ts'

export const EMPTY = -1

/** A slate in the making: a contender per position, or EMPTY. */
export class Board {
  readonly slate: Int32Array
  private readonly contenders: Contenders
  private readonly plan: SurfaceConfig
  private readonly taken: Uint8Array

  constructor(contenders: Contenders, plan: SurfaceConfig, length: number) {
    this.contenders = contenders
    this.plan = plan
    this.slate = new Int32Array(length).fill(EMPTY)
    this.taken = new Uint8Array(contenders.count)
  }

  put(position: number, contender: number): void {
    this.slate[position] = contender
    this.taken[contender] = 1
  }

  has(contender: number): boolean {
    return this.taken[contender] === 1
  }

  /**
   * Fills the positions that are empty and not in `left`, from the top: at each the free contender of greatest worth
   * that keeps the caps; when there is none, that keeps the creator cap; when there is none, any.
   */
  fill(spread: Spread, left: ReadonlySet<number>): void {
    for (let position = 0; position < this.slate.length; position++) {
      if (left.has(position)) continue
      if (this.slate[position] === EMPTY) this.put(position, this.next(spread.gains, position))
      spread.pick(this.slate[position])
    }
  }

  /** For each free contender of `among`, how far caps must give way when all `open` positions are filled alike. */
  relaxations(open: readonly number[], among: readonly number[]): number[] {
    const [creators, categories] = this.full(open)
    return among.map((i) =>
      relaxationFor(
        this.contenders.creators[i] as number[],
        this.contenders.categories[i] as number[],
        creators,
        categories,
      ),
    )
  }

  private next(gains: Float64Array, position: number): number {
    const [creators, categories] = this.full([position])
    const best = [-1, -1, -1] // by relaxation
    for (let i = 0; i < this.contenders.count; i++) {
      if (this.taken[i] === 1 || (best[0] >= 0 && gains[i] <= gains[best[0]])) continue
      const level = relaxationFor(
        this.contenders.creators[i] as number[],
        this.contenders.categories[i] as number[],
        creators,
        categories,
      )
      if (best[level] < 0 || gains[i] > gains[best[level]]) best[level] = i
    }
    return best.find((i) => i >= 0) as number
  }

  private full(open: readonly number[]): [ReadonlySet<number>, ReadonlySet<number>] {
    const { creators, categories } = this.contenders
    return [
      fullKeys(this.slate, open, (i) => creators[i] as number[], this.plan.creatorCap),
      fullKeys(this.slate, open, (i) => categories[i] as number[], this.plan.categoryCap),
    ]
  }
}
