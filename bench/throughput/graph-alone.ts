import { DenseVector } from '../../src/learning/embeddings/index.ts'
import { layoutOf, sizeOf, TrainingStep, type Values } from '../../src/learning/graph/index.ts'
import type { Gathered, PeerTable, PeerTask, Stepper } from './subject.ts'

/**
 * The step without all that the product does around it: the graph with its gradients, those of gathered rows among them, and Adam on
 * the dense weights; its inputs lie ready. What a step would cost if drawing, looking up and tables were free.
 */
export async function graphAlone({ trained, parameters, feeds, gathered, tables, rates }: PeerTask, threads: number) {
  const { graph, plan } = trained
  const rows = graph.inputs.filter(({ source }) => 'name' in source && source.name in gathered)
  const dense = new DenseVector(layoutOf(graph).size, {
    optimiser: { kind: 'adam', beta2: rates.beta2 },
    rate: rates.dense,
  })
  dense.weights.set(parameters)
  const step = await TrainingStep.open(
    graph,
    { ...plan, inputGradients: rows },
    { threads, parameters: dense.weights, gradients: dense.gradients },
  )
  const ready: Record<string, Values> = {}
  for (const { name, shape } of step.inputs) {
    const parts = gathered[name]
    ready[name] = parts === undefined ? (feeds[name] as Values) : rowsOf(parts, tables, sizeOf(shape as number[]))
  }
  const stepper: Stepper = {
    async step() {
      const { loss } = await step.run(ready)
      dense.step()
      return loss
    },
    close: () => step.close(),
  }
  return stepper
}

/** Means of the bags of rows, of several parts their sum. */
function rowsOf(parts: readonly Gathered[], tables: readonly PeerTable[], size: number): Float32Array {
  const out = new Float32Array(size)
  for (const { table, bag, rows } of parts) {
    const { values, dim } = tables.find(({ name }) => name === table) as PeerTable
    const places = size / dim
    for (let at = 0; at < places * bag; at++) {
      const [from, to] = [dim * (rows === 'whole' ? at : (rows[at] as number)), dim * Math.floor(at / bag)]
      for (let k = 0; k < dim; k++) out[to + k] += (values[from + k] as number) / bag
    }
  }
  return out
}
