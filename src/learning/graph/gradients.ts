import type { Graph } from './graph.ts'
import { rules } from './operations/table.ts'
import type { Rule } from './operations/contract.ts'
import { sayShape, sizeOf } from './shape.ts'
import type { Tensor } from './tensor.ts'

/**
 * Reverse-mode differentiation. Write D(t) for the derivative of the loss with respect to a tensor t, a tensor of t's
 * shape. Three facts are enough:
 *
 * 1. D(loss) = 1.
 * 2. If t is used in one node, D(t) follows from D of that node's outputs by the node's own rule (`gradient` in the
 *    table of operations): the chain rule, one link at a time.
 * 3. If t is used several times, D(t) is the sum over its uses.
 *
 * Nodes stand in the order of making, so walking them backwards meets every use of a tensor before the node that made
 * it: when a node's turn comes, D of its outputs is complete. One walk gives all derivatives, at about twice the cost of
 * the loss itself, however many there are. The rules write ordinary operations into the same graph: the result is a
 * graph too, is simplified and emitted like any other, and can be differentiated again.
 *
 * @param loss a tensor of one element
 * @param wanted tensors to differentiate with respect to: parameters, inputs, or anything between
 * @returns one tensor per wanted one, of its shape; a RangeError if the loss does not depend on one
 */
export function gradients(g: Graph, loss: Tensor, wanted: readonly Tensor[]): Tensor[] {
  if (sizeOf(loss.shape) !== 1) {
    throw new RangeError(`Cannot differentiate ${sayShape(loss.shape)}: a loss is one number, sum it first`)
  }
  const concerned = dependants(g, wanted)
  const derivatives = new Map<Tensor, Tensor>([[loss, g.broadcastTo(1, loss.shape)]])
  const contribute = (t: Tensor, dt: Tensor): void => {
    const sofar = derivatives.get(t)
    derivatives.set(t, sofar === undefined ? dt : g.add(sofar, dt))
  }

  for (const node of [...g.nodes].reverse()) {
    const reached = node.outputs.some((output) => derivatives.has(output))
    if (!reached || !node.outputs.some((output) => concerned.has(output))) continue
    const rule = rules[node.op] as Rule<typeof node.op>
    if (rule.firstOnly && node.outputs.slice(1).some((output) => derivatives.has(output))) {
      throw new RangeError(`Cannot differentiate the gradient of ${node.op} once more`)
    }
    const dy = node.outputs.map((output) => derivatives.get(output) ?? g.broadcastTo(0, output.shape))
    const dx = rule.gradient(g, node, dy)
    for (const [i, input] of node.inputs.entries()) {
      const contribution = dx[i]
      if (contribution !== undefined && concerned.has(input)) contribute(input, contribution)
    }
  }

  return wanted.map((t) => {
    const derivative = derivatives.get(t)
    if (derivative === undefined)
      throw new RangeError(`Cannot differentiate with respect to ${sayTensor(t)}: the loss does not depend on it`)
    return derivative
  })
}

/** The wanted tensors and all that is computed from them: nothing else needs a derivative. */
function dependants(g: Graph, wanted: readonly Tensor[]): Set<Tensor> {
  const found = new Set(wanted)
  for (const { inputs, outputs } of g.nodes) {
    if (inputs.some((input) => found.has(input))) for (const output of outputs) found.add(output)
  }
  return found
}

function sayTensor({ source, shape }: Tensor): string {
  return 'name' in source ? `${source.kind} "${source.name}"` : `a ${source.kind} ${sayShape(shape)}`
}
