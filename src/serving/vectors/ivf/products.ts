import { emitModel, Graph, Session } from '../../../learning/graph/index.ts'

/** Rows multiplied in one run: a few milliseconds. */
const BATCH = 1024

/** Called between two runs: a build on a thread that serves gives way here. */
export type Pause = () => Promise<void> | void

/** Inner products of many vectors [n, dim] with a few others [m, dim], by the native runtime, batch by batch. */
export class Products {
  private readonly dim: number
  private readonly session: Session
  private readonly batch: Float32Array
  private readonly products: Float32Array

  private constructor(dim: number, m: number, session: Session) {
    this.dim = dim
    this.session = session
    this.batch = new Float32Array(BATCH * dim)
    this.products = new Float32Array(BATCH * m)
    session.bind('x', this.batch)
    session.bindOutput('products', this.products)
  }

  static async open(dim: number, m: number): Promise<Products> {
    const g = new Graph()
    const products = g.matmul(g.input('x', [BATCH, dim]), g.input('others', [m, dim]), { transposeB: true })
    return new Products(dim, m, await Session.open(emitModel(g, { products }), { name: 'products' }))
  }

  /** Calls `take` with the number of each vector and all products [n, m], of which its own begin at `at`. */
  async each(
    vectors: Float32Array,
    others: Float32Array,
    take: (vector: number, products: Float32Array, at: number) => void,
    pause?: Pause,
  ): Promise<void> {
    const { dim, batch, products } = this
    const count = vectors.length / dim
    const m = products.length / BATCH
    this.session.bind('others', others)
    for (let first = 0; first < count; first += BATCH) {
      const n = Math.min(BATCH, count - first)
      batch.set(vectors.subarray(first * dim, (first + n) * dim))
      await this.session.run({})
      for (let i = 0; i < n; i++) take(first + i, products, i * m)
      await pause?.()
    }
  }

  close(): Promise<void> {
    return this.session.close()
  }
}
