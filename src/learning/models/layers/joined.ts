import { type Graph, type Initialiser, sizeOf, type Tensor, zeros } from '../../graph/index.ts'

/** A part whose columns are multiplied by numbers of the request: [R, K, width] by [R, width]. */
export interface Scaled {
  readonly of: Tensor
  readonly by: Tensor
}

export type CandidatePart = Tensor | Scaled

/** What a layer over requests and candidates reads: [R, ...] parts and [R, K, ...] parts. */
export interface Parts {
  readonly request: readonly Tensor[]
  readonly candidate: readonly CandidatePart[]
}

/**
 * relu(concat(request, candidate) W + b): [R, K, units]. W is cut in two, so that the request's product is computed once
 * and not once per candidate. Parameters `name/request/weight`, `name/candidate/weight`, `name/bias`.
 */
export function joined(g: Graph, { request, candidate }: Parts, name: string, units: number): Tensor {
  const shared = g.concat(request) // [R, width]
  const [requests, width] = shared.shape as readonly [number, number]
  const own = candidate.reduce((sum, part) => sum + (ofPart(part).shape[2] as number), 0)
  const initialiser = cutGlorot(width + own)
  const once = g.matmul(shared, g.parameter(`${name}/request/weight`, [width, units], initialiser))
  const weight = g.parameter(`${name}/candidate/weight`, [own, units], initialiser)
  const bias = g.parameter(`${name}/bias`, [units], zeros)
  if (requests === 1 && candidate.some((part) => 'by' in part)) {
    const [x, scaled] = scaledWeights(g, candidate, weight)
    return g.linear(x, scaled, g.add(bias, g.reshape(once, [units])), g.relu)
  }
  const x = g.concat(candidate.map((part) => scaledPart(g, part)))
  return g.relu(g.add(g.linear(x, weight, bias), g.reshape(once, [requests, 1, units]))) // [R, K, units]
}

const ofPart = (part: CandidatePart): Tensor => ('by' in part ? part.of : part)

/** [R, K, width] multiplied out. */
function scaledPart(g: Graph, part: CandidatePart): Tensor {
  if (!('by' in part)) return part
  const [requests, width] = part.by.shape as readonly [number, number]
  return g.mul(part.of, g.reshape(part.by, [requests, 1, width]))
}

/**
 * For one request, where weights are fewer than what all its candidates bring: the rows of the weight are multiplied in
 * place of the parts' columns, and a part that comes more than once is read once, with the sum of its rows.
 */
function scaledWeights(g: Graph, candidate: readonly CandidatePart[], weight: Tensor): readonly [Tensor, Tensor] {
  const rows = new Map<Tensor, Tensor>()
  let from = 0
  for (const part of candidate) {
    const x = ofPart(part)
    const width = x.shape[2] as number
    const plain = g.slice(weight, 0, from, from + width)
    const own = 'by' in part ? g.mul(plain, g.reshape(part.by, [width, 1])) : plain
    const before = rows.get(x)
    rows.set(x, before ? g.add(before, own) : own)
    from += width
  }
  return [g.concat([...rows.keys()]), g.concat([...rows.values()], 0)]
}

/** Glorot's bound of the whole matrix for each of its parts. */
function cutGlorot(fanIn: number): Initialiser {
  return (shape, random) => {
    const bound = Math.sqrt(6 / (fanIn + (shape[1] as number)))
    return Float32Array.from({ length: sizeOf(shape) }, () => random.between(-bound, bound))
  }
}
