import { Turns } from '../../foundation/base/index.ts'
import { emitModel, layoutOf, type ParameterLayout, Session, type SessionOptions, type Tensor } from '../graph/index.ts'
import { type SequenceConfig, sequenceServing } from './sequence.ts'

/** A trained sequence model: all that evaluation and serving need. */
export interface SequenceModel {
  readonly config: SequenceConfig
  readonly items: number
  /** The graph's parameters, in the order of its layout. */
  readonly parameters: Float32Array
  /** [items, width] */
  readonly table: Float32Array
}

interface Size {
  readonly length: number
  readonly session: Session
  readonly layout: ParameterLayout
}

/**
 * A viewer's history to the vector whose inner products with the item table order the catalogue. One graph per size of
 * history, the smallest that holds it is run. Calls are answered in turn.
 */
export class HistoryEncoder {
  private model: SequenceModel
  private readonly sizes: readonly Size[]
  private readonly turns = new Turns()

  private constructor(model: SequenceModel, sizes: readonly Size[]) {
    this.model = model
    this.sizes = sizes
  }

  /** @param lengths sizes of history, ascending; the last must be the model's. Default a quarter of it, and all of it. */
  static async open(
    model: SequenceModel,
    options: Omit<SessionOptions, 'outputs'> & { readonly lengths?: readonly number[] } = {},
  ): Promise<HistoryEncoder> {
    const { length } = model.config
    const { lengths = length >= 16 ? [Math.floor(length / 4), length] : [length], ...session } = options
    if (lengths.at(-1) !== length) {
      throw new RangeError(`Cannot encode histories of ${lengths.join(', ')}: the last must be the model's ${length}`)
    }
    const sizes: Size[] = []
    for (const size of lengths) {
      const { graph, user } = sequenceServing(model.config, size)
      const opened = await Session.open(emitModel(graph, { user }, { name: 'sequence' }), {
        name: 'sequence',
        ...session,
      })
      sizes.push({ length: size, session: opened, layout: layoutOf(graph) })
    }
    const encoder = new HistoryEncoder(model, sizes)
    encoder.swap(model)
    return encoder
  }

  /** Takes newer weights of the same configuration; what is being encoded is finished with the old ones. */
  swap(model: SequenceModel): void {
    if (JSON.stringify(model.config) !== JSON.stringify(this.model.config)) {
      throw new TypeError('Cannot swap in a sequence model of another configuration: open an encoder of its own')
    }
    this.model = model
    for (const { session, layout } of this.sizes) session.bindParameters(layout, model.parameters)
  }

  /**
   * @param history item rows of the table, oldest first; the last `length` are read
   * @returns [width], or undefined for an empty history: there is nothing to go by
   */
  encode(history: ArrayLike<number>): Promise<Float32Array | undefined> {
    return this.turns.take(() => this.encodeNow(history))
  }

  async close(): Promise<void> {
    await this.turns.over()
    for (const { session } of this.sizes) await session.close()
  }

  private async encodeNow(history: ArrayLike<number>): Promise<Float32Array | undefined> {
    const { config, table, items } = this.model
    const count = Math.min(history.length, config.length)
    if (count === 0) return undefined
    const { length, session } = this.sizes.find((size) => size.length >= count) as Size
    const embedded = new Float32Array(length * config.width)
    const positions = new Int32Array(length)
    const segments = new Int32Array(length)
    for (let i = 0; i < count; i++) {
      const row = history[history.length - count + i]
      const place = length - count + i
      if (!(Number.isInteger(row) && row >= 0 && row < items)) {
        throw new RangeError(`Cannot encode a history with item row ${row}: the table has ${items}`)
      }
      embedded.set(table.subarray(row * config.width, (row + 1) * config.width), place * config.width)
      positions[place] = i
      segments[place] = 1
    }
    const { user } = await session.run({ history: embedded, positions, segments })
    return user as Float32Array
  }
}

/** The serving graph as a file of its own, weights inside: for other runtimes and for the registry. */
export function sequenceFile(model: SequenceModel, length = model.config.length): Uint8Array {
  const { graph, user } = sequenceServing(model.config, length)
  const outputs: Record<string, Tensor> = { user }
  return emitModel(graph, outputs, { name: 'sequence', weights: model.parameters })
}
