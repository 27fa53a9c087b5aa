import { gradients } from './gradients.ts'
import type { Graph } from './graph.ts'
import { emitModel } from './onnx/emit.ts'
import { checkFlat, initialParameters, layoutOf, type ParameterLayout, slotView } from './parameters.ts'
import { type Port, Session, type SessionOptions } from './session.ts'
import type { Tensor, Values } from './tensor.ts'

export interface TrainingPlan {
  /** One number, to be made small. */
  readonly loss: Tensor
  /** Other values wanted from the same run, such as logits. */
  readonly outputs?: Readonly<Record<string, Tensor>>
  /** Inputs whose gradients are wanted: rows gathered from tables that live outside. */
  readonly inputGradients?: readonly Tensor[]
  /** Parameters that are not trained: their gradients stay 0. */
  readonly frozen?: readonly Tensor[]
}

export interface TrainingOptions extends Omit<SessionOptions, 'outputs'> {
  /** The flat vector to train, in the order of layoutOf(g); drawn with the seed when left out. */
  readonly parameters?: Float32Array
  /** Where gradients go, of the same length; made when left out. */
  readonly gradients?: Float32Array
  /** Arrays that gradients of inputs are written into, by input name; fresh ones on every run where left out. */
  readonly inputGradients?: Readonly<Record<string, Float32Array>>
  /** Seed of fresh parameters. Default 0. */
  readonly seed?: string | number
}

/** Computes a loss and its gradients, on one thread or on several. */
export interface Step {
  readonly layout: ParameterLayout
  /** Names and shapes of all that `run` must be fed. */
  readonly inputs: readonly Port[]
  run(feeds: Readonly<Record<string, Values>>): Promise<StepResult>
  close(): Promise<void>
}

export interface StepResult {
  readonly loss: number
  readonly outputs: Readonly<Record<string, Float32Array>>
  /** By input name, shaped like the input. */
  readonly inputGradients: Readonly<Record<string, Float32Array>>
}

/** The name of an output that is a gradient. */
export const gradientOf = (name: string): string => `gradient/${name}`

/** The ONNX file of a step: `loss`, what else is wanted, and a gradient for each parameter that is trained. */
export function emitStep(g: Graph, plan: TrainingPlan): { model: Uint8Array; trained: readonly string[] } {
  const trained = g.parameters.filter((parameter) => !plan.frozen?.includes(parameter))
  const wanted = [...trained, ...(plan.inputGradients ?? [])]
  const derivatives = gradients(g, plan.loss, wanted)
  const named = wanted.map((t, i) => [gradientOf(nameOf(t)), derivatives[i] as Tensor] as const)
  const outputs = { ...plan.outputs, loss: plan.loss, ...Object.fromEntries(named) }
  return { model: emitModel(g, outputs, { name: 'training step' }), trained: trained.map(nameOf) }
}

/**
 * The loss and all its gradients in one run. Parameters and their gradients are two flat vectors of one layout: an
 * optimiser reads `gradients` and changes `parameters` in place between runs. Both may be views of WASM memory
 * (the module must not grow meanwhile), not of shared memory.
 */
export class TrainingStep implements Step {
  readonly layout: ParameterLayout
  readonly parameters: Float32Array
  readonly gradients: Float32Array
  /** The ONNX file of the step, for inspection. */
  readonly model: Uint8Array
  private readonly session: Session
  private readonly plan: TrainingPlan
  private running = false

  private constructor(
    step: Pick<TrainingStep, 'layout' | 'parameters' | 'gradients' | 'model'>,
    session: Session,
    plan: TrainingPlan,
  ) {
    this.layout = step.layout
    this.parameters = step.parameters
    this.gradients = step.gradients
    this.model = step.model
    this.session = session
    this.plan = plan
  }

  static async open(g: Graph, plan: TrainingPlan, options: TrainingOptions = {}): Promise<TrainingStep> {
    const {
      seed = 0,
      parameters = initialParameters(g, seed),
      gradients: into,
      inputGradients = {},
      ...session
    } = options
    const layout = layoutOf(g)
    const flatGradients = into ?? new Float32Array(layout.size)
    checkFlat('parameters', layout, parameters)
    checkFlat('gradients', layout, flatGradients)

    const { model, trained } = emitStep(g, plan)
    const opened = await Session.open(model, { name: 'training step', ...session })
    try {
      opened.bindParameters(layout, parameters)
      for (const slot of layout.slots) {
        if (trained.includes(slot.name)) {
          opened.bindOutput(gradientOf(slot.name), slotView(flatGradients, slot))
        }
      }
      for (const [name, array] of Object.entries(inputGradients)) opened.bindOutput(gradientOf(name), array)
    } catch (error) {
      await opened.close()
      throw error
    }
    return new TrainingStep({ layout, parameters, gradients: flatGradients, model }, opened, plan)
  }

  get inputs(): readonly Port[] {
    return this.session.inputs.filter(({ name }) => !this.layout.slots.some((slot) => slot.name === name))
  }

  /** Computes the loss at the present parameters and overwrites `gradients`. One run at a time. */
  async run(feeds: Readonly<Record<string, Values>>): Promise<StepResult> {
    if (this.running)
      throw new TypeError('Cannot run a training step while the one before is under way: await it first')
    this.running = true
    try {
      const values = (await this.session.run(feeds)) as Record<string, Float32Array>
      const pick = (names: readonly string[], key: (name: string) => string): Record<string, Float32Array> =>
        Object.fromEntries(names.map((name) => [name, values[key(name)] as Float32Array]))
      return {
        loss: values['loss']?.[0] as number,
        outputs: pick(Object.keys(this.plan.outputs ?? {}), (name) => name),
        inputGradients: pick((this.plan.inputGradients ?? []).map(nameOf), gradientOf),
      }
    } finally {
      this.running = false
    }
  }

  close(): Promise<void> {
    return this.session.close()
  }
}

export function nameOf({ source }: Tensor): string {
  if (source.kind === 'input' || source.kind === 'parameter') return source.name
  throw new TypeError(`Cannot return the gradient of a ${source.kind}: only inputs and parameters have names`)
}
