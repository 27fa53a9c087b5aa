import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { aside, SluiceError } from '../../foundation/base/index.ts'
import { type ParameterLayout, checkFlat, slotView } from './parameters.ts'
import type { DType, Values } from './tensor.ts'

/**
 * The runtime tells its maker of its use over the network, and keeps files for that in the home and temporary folders, unless
 * it is told not to before its first session. What runs here is nobody else's business.
 */
process.env['ORT_DISABLE_TELEMETRY'] ??= '1'

export interface SessionOptions {
  /** Threads inside one operation, 1 to the number of cores. Default 1: on a busy machine more are slower. */
  readonly threads?: number
  /** Let idle threads burn their core while they wait. Default false. */
  readonly spinning?: boolean
  /** Where operations run, best first. Default the CPU alone. */
  readonly providers?: readonly Provider[]
  /** One block of memory per run, planned ahead: up to half more of it at the same speed. Default false. */
  readonly memoryPattern?: boolean
  /** The outputs that are wanted. Default all. */
  readonly outputs?: readonly string[]
  /** What error messages call the model. Default "graph". */
  readonly name?: string
}

/** An input or output of a model file. A name in the shape is an axis whose length each feed decides. */
export interface Port {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly (number | string)[]
}

/** Where operations may run: the processor, or a graphics card of NVIDIA, for which the runtime must be built. */
export const providers = ['cpu', 'cuda'] as const
export type Provider = (typeof providers)[number]

/** What the runtime says when it cannot compute where it is asked to. */
const PROVIDER_MISSING = /ExecutionProvider|backend not found/

const dtypes: readonly string[] = ['float32', 'int32'] satisfies DType[]

/**
 * A model file, loaded. `run` computes on the calling thread (the promise only defers it), so training and serving
 * belong in worker threads. Feeds are read in place; outputs are fresh arrays, except those bound. Close it when done.
 */
export class Session {
  readonly name: string
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  private readonly session: InferenceSession
  private readonly inputOf: ReadonlyMap<string, Port>
  private readonly tensors = new Map<string, { values: Values; tensor: OrtTensor }>()
  private readonly bound = new Set<string>()
  private readonly fetches: Record<string, OrtTensor | null> = {}
  private pending: Promise<unknown> | undefined
  private closed = false

  private constructor(session: InferenceSession, name: string, wanted: readonly string[] | undefined) {
    this.session = session
    this.name = name
    this.inputs = session.inputMetadata.map((meta) => portOf(name, meta))
    this.inputOf = new Map(this.inputs.map((port) => [port.name, port]))
    const known = new Map(session.outputMetadata.map((meta) => [meta.name, meta]))
    this.outputs = (wanted ?? [...known.keys()]).map((output) => {
      const meta = known.get(output)
      if (!meta)
        throw new RangeError(
          `Cannot fetch "${output}" from the model ${name}: it gives ${[...known.keys()].join(', ')}`,
        )
      return portOf(name, meta)
    })
    for (const port of this.outputs) this.fetches[port.name] = null
  }

  /** Loads the bytes of an ONNX file. ERR_MODEL_INVALID when the runtime refuses them; ERR_PROVIDER when it has none such. */
  static async open(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const {
      threads = 1,
      spinning = false,
      providers: wanted = ['cpu'],
      memoryPattern = false,
      outputs,
      name = 'graph',
    } = options
    if (!Number.isInteger(threads) || threads < 1) throw new RangeError(`Cannot use ${threads} threads: at least 1`)
    let session: InferenceSession
    try {
      session = await InferenceSession.create(model, {
        executionProviders: [...wanted],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        enableMemPattern: memoryPattern,
        logSeverityLevel: 4, // what goes wrong is thrown, not printed
        extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
      })
    } catch (cause) {
      const why = messageOf(cause)
      if (!PROVIDER_MISSING.test(why)) throw new SluiceError('ERR_MODEL_INVALID', [name, why], { cause })
      throw new SluiceError('ERR_PROVIDER', [wanted.join(', '), why], { cause })
    }
    return new Session(session, name, outputs)
  }

  /** Feeds an input from this array on every run from now on, until it is bound anew. Its contents may change. */
  bind(name: string, values: Values): void {
    this.feed(name, values)
    this.bound.add(name)
  }

  /** Binds all parameters that the model takes as inputs. A run that has begun keeps the ones before: swaps are whole. */
  bindParameters(layout: ParameterLayout, flat: Float32Array): void {
    checkFlat('parameters', layout, flat)
    for (const slot of layout.slots) if (this.inputOf.has(slot.name)) this.bind(slot.name, slotView(flat, slot))
  }

  /** Has an output written into this array instead of a fresh one. */
  bindOutput(name: string, values: Values): void {
    const port = this.outputs.find((output) => output.name === name)
    if (port === undefined) throw new RangeError(`Cannot bind output "${name}" of the model ${this.name}: it has none`)
    this.fetches[name] = tensorOf(port, values, 'fill')
  }

  /** Computes the outputs. Give every input that is not bound; an array is read until the promise settles. */
  async run(feeds: Readonly<Record<string, Values>>): Promise<Record<string, Values>> {
    if (this.closed) throw new TypeError(`Cannot run the model ${this.name}: its session is closed`)
    const inputs: Record<string, OrtTensor> = {}
    for (const name of Object.keys(feeds)) this.feed(name, feeds[name] as Values)
    for (const { name } of this.inputs) {
      const held = name in feeds || this.bound.has(name) ? this.tensors.get(name) : undefined
      if (held === undefined) throw new TypeError(`Cannot run the model ${this.name}: input "${name}" is missing`)
      inputs[name] = held.tensor
    }
    const running = aside(() => this.session.run(inputs, { ...this.fetches }))
    this.pending = running
    let results: InferenceSession.OnnxValueMapType
    try {
      results = await running
    } catch (cause) {
      throw new SluiceError('ERR_MODEL_RUN', [this.name, messageOf(cause)], { cause })
    }
    const outputs: Record<string, Values> = {}
    for (const { name } of this.outputs) outputs[name] = (this.fetches[name] ?? results[name])?.data as Values
    return outputs
  }

  /** Frees the runtime's memory, after the run under way. Closing twice is harmless. */
  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.pending?.catch(() => {}) // whoever started the run has the error
    await this.session.release()
  }

  private feed(name: string, values: Values): void {
    if (this.tensors.get(name)?.values === values) return
    const port = this.inputOf.get(name)
    if (port === undefined) {
      const known = this.inputs.map((input) => input.name).join(', ')
      throw new RangeError(`Cannot feed "${name}" to the model ${this.name}: its inputs are ${known}`)
    }
    this.tensors.set(name, { values, tensor: tensorOf(port, values) })
  }
}

/** Wraps an array without copying it, or says what does not fit. */
function tensorOf({ name, dtype, shape }: Port, values: Values, use: 'feed' | 'fill' = 'feed'): OrtTensor {
  const got = values instanceof Float32Array ? 'float32' : values instanceof Int32Array ? 'int32' : typeof values
  if (got !== dtype) throw new TypeError(`Cannot ${use} "${name}": wanted ${dtype} [${shape.join(', ')}], got ${got}`)
  if (!(values.buffer instanceof ArrayBuffer)) {
    throw new TypeError(`Cannot ${use} "${name}" in shared memory, which the runtime refuses: copy it first`)
  }
  const known = shape.reduce<number>((size, length) => size * (typeof length === 'number' ? length : 1), 1)
  const open = shape.filter((length) => typeof length === 'string').length
  const free = open === 1 ? values.length / known : 1
  if (open > 1 || !Number.isInteger(free) || known * free !== values.length) {
    throw new RangeError(`Cannot ${use} "${name}": wanted [${shape.join(', ')}], got ${values.length} values`)
  }
  const dims = shape.map((length) => (typeof length === 'number' ? length : free))
  return values instanceof Float32Array ? new OrtTensor('float32', values, dims) : new OrtTensor('int32', values, dims)
}

function portOf(model: string, meta: InferenceSession.ValueMetadata): Port {
  if (!meta.isTensor || !dtypes.includes(meta.type)) {
    const why = meta.isTensor
      ? `"${meta.name}" is ${meta.type}; float32 and int32 tensors are understood`
      : `"${meta.name}" is no tensor but a list or map, as converters give for a classifier as it comes: convert it with zipmap off`
    throw new SluiceError('ERR_MODEL_INVALID', [model, why])
  }
  return { name: meta.name, dtype: meta.type as DType, shape: meta.shape }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause)).trim()
