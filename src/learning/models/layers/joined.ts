import { type Graph, type Initialiser, sizeOf, type Tensor, zeros } from '../../graph/index.ts'

/** What a layer over requests and candidates reads: [R, ...] parts and [R, K, ...] parts. */
export interface Parts {
  readonly request: readonly Tensor[]
  readonly candidate: readonly Tensor[]
}

/**
 * relu(concat(request, candidate) W + b): [R, K, units]. W is cut in two, so that the request's product is computed once
 * and not once per candidate. Parameters `name/request/weight`, `name/candidate/weight`, `name/bias`.
 */
export function joined(g: Graph, { request, candidate }: Parts, name: string, units: number): Tensor {
  const shared = g.concat(request) // [R, width]
  const own = g.concat(candidate) // [R, K, width]
  const widths = [shared.shape[1] as number, own.shape[2] as number] as const
  const initialiser = cutGlorot(widths[0] + widths[1])
  const once = g.matmul(shared, g.parameter(`${name}/request/weight`, [widths[0], units], initialiser))
  const weight = g.parameter(`${name}/candidate/weight`, [widths[1], units], initialiser)
  const each = g.linear(own, weight, g.parameter(`${name}/bias`, [units], zeros))
  return g.relu(g.add(each, g.reshape(once, [shared.shape[0] as number, 1, units]))) // [R, K, units]
}

/** Glorot's bound of the whole matrix for each of its parts. */
function cutGlorot(fanIn: number): Initialiser {
  return (shape, random) => {
    const bound = Math.sqrt(6 / (fanIn + (shape[1] as number)))
    return Float32Array.from({ length: sizeOf(shape) }, () => random.between(-bound, bound))
  }
}
