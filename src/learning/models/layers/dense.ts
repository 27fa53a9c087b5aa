import { type Graph, glorotUniform, type Initialiser, type Tensor, zeros } from '../../graph/index.ts'

export interface DenseOptions {
  readonly activation?: (x: Tensor) => Tensor
  /** Default true. */
  readonly bias?: boolean
  /** Of the weight [in, out]. Default Glorot's uniform law. */
  readonly initialiser?: Initialiser
}

/** activation(x W + b) over the last axis: [..., in] to [..., units]. Parameters `name/weight` and `name/bias`. */
export function dense(g: Graph, x: Tensor, name: string, units: number, options: DenseOptions = {}): Tensor {
  const { activation, bias = true, initialiser = glorotUniform } = options
  const weight = g.parameter(`${name}/weight`, [x.shape.at(-1) ?? 1, units], initialiser)
  return g.linear(x, weight, bias ? g.parameter(`${name}/bias`, [units], zeros) : undefined, activation)
}
