/** The latest queries: a new index is made for what viewers ask, and judged by it. */
export class QueryRing {
  private readonly vectors: Float32Array
  private readonly dim: number
  private readonly most: number
  private count = 0

  constructor(most: number, dim: number) {
    this.most = most
    this.dim = dim
    this.vectors = new Float32Array(most * dim)
  }

  add(query: Float32Array): void {
    this.vectors.set(query, (this.count++ % this.most) * this.dim)
  }

  /** A copy of all of them, [most, dim]; undefined while they are too few. */
  full(): Float32Array | undefined {
    return this.count < this.most ? undefined : this.vectors.slice()
  }
}
