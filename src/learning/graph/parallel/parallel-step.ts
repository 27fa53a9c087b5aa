import type { Graph } from '../graph.ts'
import { layoutOf, type ParameterLayout, type ParameterSlot, slotView } from '../parameters.ts'
import type { Port, SessionOptions } from '../session.ts'
import { sizeOf } from '../shape.ts'
import type { Values } from '../tensor.ts'
import {
  emitStep,
  gradientOf,
  nameOf,
  type Step,
  type StepResult,
  type TrainingOptions,
  type TrainingPlan,
  TrainingStep,
} from '../training-step.ts'
import { sharedArray } from './job.ts'
import { PartThread } from './part-thread.ts'
import { type Portion, portionsOf, rowsOfParts } from './parts.ts'

/** A model with its loss, for a batch of so many rows. */
export interface Trained {
  readonly graph: Graph
  readonly plan: TrainingPlan
}

export interface StepOptions extends Omit<TrainingOptions, 'inputGradients'> {
  readonly parameters: Float32Array
  readonly gradients: Float32Array
  /** Rows of the batch: what is parted. */
  readonly rows: number
  /** The input whose sum says how much a part's loss counts: the loss is a mean weighed by it. */
  readonly weight: string
  /** Threads that share a step, this one among them. Default 1. */
  readonly threads?: number
}

/** By what each part's loss is multiplied: its share of the batch's weight. */
const SHARE = 'step/share'

/**
 * A training step on so many threads: the plain step on one. `build` makes the model for a number of rows, with equal
 * parameters whatever the number; the plan's outputs must be sums over rows.
 */
export async function openStep(build: (rows: number) => Trained, options: StepOptions): Promise<Step> {
  const { rows, weight, threads = 1, ...rest } = options
  const parts = rowsOfParts(rows, threads)
  if (parts.length > 1) return ParallelStep.open(build, options, parts)
  const { graph, plan } = build(rows)
  return TrainingStep.open(graph, plan, rest)
}

interface Parts {
  readonly parameters: Float32Array
  readonly gradients: Float32Array
  /** The parameters as the other threads read them. */
  readonly shared: Float32Array
  readonly weight: string
  /** The first part. */
  readonly own: TrainingStep
  /** The others, in order. */
  readonly threads: readonly PartThread[]
  /** By part: what it takes of each input. */
  readonly portions: readonly (readonly Portion[])[]
  /** Parameters that have a gradient. */
  readonly trained: readonly ParameterSlot[]
  /** Gradients of the whole batch's inputs. */
  readonly inputGradients: Readonly<Record<string, Float32Array>>
}

/**
 * One step of which every thread computes some rows, this thread the first ones. Losses, gradients of parameters, and
 * outputs are added in the order of the parts, whatever the timing, so equal batches give equal bits; gradients of rows
 * lie where their rows are. All differ from those of one thread by rounding only.
 */
class ParallelStep implements Step {
  readonly layout: ParameterLayout
  readonly inputs: readonly Port[]
  private readonly parts: Parts

  private constructor(layout: ParameterLayout, inputs: readonly Port[], parts: Parts) {
    this.layout = layout
    this.inputs = inputs
    this.parts = parts
  }

  static async open(
    build: (rows: number) => Trained,
    { rows, weight, threads: _, parameters, gradients, ...session }: StepOptions,
    rowsOf: readonly number[],
  ): Promise<ParallelStep> {
    const { graph, plan } = build(rows)
    const layout = layoutOf(graph)
    const built = rowsOf.map((own) => shareOf(build(own)))
    const portions = built.map((part, i) => {
      const first = rowsOf.slice(0, i).reduce((sum, n) => sum + n, 0)
      const inputs = part.graph.inputs.filter((t) => nameOf(t) !== SHARE)
      return portionsOf(graph.inputs, inputs, { all: rows, first, own: rowsOf[i] as number })
    })
    const wholes = (plan.inputGradients ?? []).map((t) => [nameOf(t), new Float32Array(sizeOf(t.shape))] as const)
    const [first, ...others] = built as [Trained, ...Trained[]]
    const own = await TrainingStep.open(first.graph, first.plan, { ...session, parameters, gradients, threads: 1 })
    const memory = new SharedArrayBuffer(layout.size * 4)
    const threads: PartThread[] = []
    const inputs = graph.inputs.map((t) => ({ name: nameOf(t), dtype: t.dtype, shape: t.shape }))
    const frozen = new Set(plan.frozen?.map(nameOf))
    const step = new ParallelStep(layout, inputs, {
      ...{ parameters, gradients, weight, own, threads, portions },
      shared: new Float32Array(memory),
      trained: layout.slots.filter(({ name }) => !frozen.has(name)),
      inputGradients: Object.fromEntries(wholes),
    })
    try {
      for (const part of others) threads.push(await openThread(part, layout, memory, session))
    } catch (error) {
      await step.close()
      throw error
    }
    return step
  }

  async run(feeds: Readonly<Record<string, Values>>): Promise<StepResult> {
    const { shared, parameters, portions, threads, own, weight } = this.parts
    const shares = sharesOf(portions, weight, feeds[weight] as Float32Array)
    shared.set(parameters)
    const [mine, ...theirs] = portions.map((part, i) => {
      const taken: Record<string, Values> = { [SHARE]: Float32Array.of(shares[i] as number) }
      for (const at of part) taken[at.name] = cut(feeds[at.name] as Values, at)
      return taken
    }) as [Record<string, Values>, ...Record<string, Values>[]]
    const others = threads.map((thread, i) => thread.run(theirs[i] as Record<string, Values>))
    const [result, ...answers] = await Promise.allSettled([own.run(mine), ...others])
    for (const answer of [result, ...answers]) if (answer.status === 'rejected') throw answer.reason
    return this.joined((result as PromiseFulfilledResult<StepResult>).value)
  }

  async close(): Promise<void> {
    const { own, threads } = this.parts
    await Promise.all([own.close(), ...threads.map((thread) => thread.close())])
  }

  /** The first part's result with those of the others, in order. */
  private joined({ loss, outputs, inputGradients: own }: StepResult): StepResult {
    const { threads, trained, gradients, portions, inputGradients: whole } = this.parts
    for (const [name, values] of Object.entries(own)) whole[name]?.set(values)
    let sum = loss
    for (const [i, thread] of threads.entries()) {
      sum += thread.output('loss')[0] as number
      for (const slot of trained) add(slotView(gradients, slot), thread.output(gradientOf(slot.name)))
      for (const [name, values] of Object.entries(outputs)) add(values, thread.output(name))
      for (const { name, parted, from } of portions[i + 1] as readonly Portion[]) {
        if (parted) whole[name]?.set(thread.output(gradientOf(name)), from)
        else if (whole[name]) add(whole[name], thread.output(gradientOf(name)))
      }
    }
    return { loss: sum, outputs, inputGradients: whole }
  }
}

/** Each part's share of the weight; the first one has it all when nothing weighs anything. */
function sharesOf(portions: readonly (readonly Portion[])[], weight: string, weights: Float32Array): number[] {
  const sums = portions.map((part) => {
    const at = part.find(({ name }) => name === weight)
    if (at === undefined) throw new TypeError(`Cannot weigh the parts of a batch: there is no input "${weight}"`)
    return cut(weights, at).reduce((sum, x) => sum + x, 0)
  })
  const all = sums.reduce((sum, x) => sum + x, 0)
  return sums.map((sum, part) => (all > 0 ? sum / all : Number(part === 0)))
}

/** The loss counts by its share of the whole batch, and all gradients with it. */
function shareOf({ graph, plan }: Trained): Trained {
  return { graph, plan: { ...plan, loss: graph.mul(plan.loss, graph.input(SHARE, plan.loss.shape)) } }
}

async function openThread(
  { graph, plan }: Trained,
  layout: ParameterLayout,
  parameters: SharedArrayBuffer,
  options: SessionOptions,
): Promise<PartThread> {
  const { model, trained } = emitStep(graph, plan)
  const slots = layout.slots.filter(({ name }) => trained.includes(name))
  const sizes: (readonly [string, number])[] = [
    ['loss', 1],
    ...Object.entries(plan.outputs ?? {}).map(([output, t]) => [output, sizeOf(t.shape)] as const),
    ...slots.map(({ name, length }) => [gradientOf(name), length] as const),
    ...(plan.inputGradients ?? []).map((t) => [gradientOf(nameOf(t)), sizeOf(t.shape)] as const),
  ]
  const { name = 'training step', providers } = options
  return PartThread.open(name, {
    ...{ model, layout, parameters, options: { name, ...(providers && { providers }) } },
    inputs: graph.inputs.map((t) => sharedArray(nameOf(t), t.dtype, sizeOf(t.shape))),
    outputs: sizes.map(([output, length]) => sharedArray(output, 'float32', length)),
  })
}

const cut = <T extends Values>(values: T, { from, length }: Portion): T => values.subarray(from, from + length) as T

function add(to: Float32Array, from: Float32Array): void {
  for (let i = 0; i < to.length; i++) to[i] += from[i]
}
