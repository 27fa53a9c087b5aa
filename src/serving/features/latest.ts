/** The latest blobs that were read, bounded: what was not asked for longest goes first. */
export class LatestValues {
  /** Whoever reads a value before one and has it after one must not put it here. */
  deletions = 0
  private readonly held = new Map<string, Uint8Array>() // oldest use first
  private readonly most: number

  constructor(most: number) {
    this.most = most
  }

  get size(): number {
    return this.held.size
  }

  get(key: string): Uint8Array | undefined {
    const value = this.held.get(key)
    if (value === undefined) return undefined
    this.held.delete(key)
    this.held.set(key, value)
    return value
  }

  set(key: string, value: Uint8Array): void {
    if (this.most === 0) return
    this.held.delete(key)
    this.held.set(key, value)
    if (this.held.size <= this.most) return
    for (const oldest of this.held.keys()) {
      this.held.delete(oldest)
      return
    }
  }

  /** Of somebody who is to be forgotten: what is on its way here may be of them, too. */
  delete(key: string): void {
    this.held.delete(key)
    this.deletions++
  }
}
