import { bytesOf, Column, PairTable } from '../foundation/base/index.ts'

/** One byte per (user, item), over an optional base that is read and never written: a forecast starts from the history's. */
export class PairBytes {
  private readonly pairs = new PairTable()
  private readonly values = new Column(Uint8Array)
  private readonly base: PairBytes | undefined

  constructor(base?: PairBytes) {
    this.base = base
  }

  get bytes(): number {
    return bytesOf(this.pairs) + this.values.bytes
  }

  get(a: number, b: number): number {
    const slot = this.pairs.find(a, b)
    if (slot >= 0) return this.values.array[slot]
    return this.base === undefined ? 0 : this.base.get(a, b)
  }

  set(a: number, b: number, value: number): void {
    const slot = this.pairs.slot(a, b)
    this.values.ensure(slot)
    this.values.array[slot] = value
  }
}
