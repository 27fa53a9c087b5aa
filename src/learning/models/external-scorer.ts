import { SluiceError } from '../../foundation/base/index.ts'
import type { ModelUpdate } from '../embeddings/index.ts'
import { type Port, Session } from '../graph/index.ts'
import { sigmoid } from './calibration.ts'
import { type ExternalContract, headsOf } from './external-contract.ts'
import type { HeadScorer, ScoreRequest } from './head-scorer.ts'

/** Names of the columns that a request's features have, in order. */
export interface ExternalGround {
  readonly columns: readonly string[]
  /** Of the features that are served. */
  readonly featureDigest: string
}

/**
 * A ranking model from outside: takes its columns out of the features of a request, by name, and gives what its heads
 * say. A file with a fixed number of candidates is run in parts of that size, the last one padded. Like the models trained
 * here it computes on the calling thread, one request at a time.
 */
export class ExternalScorer implements HeadScorer {
  readonly manifest: HeadScorer['manifest']
  readonly updates = 0
  private readonly name: string
  private readonly contract: ExternalContract
  private readonly session: Session
  /** Place of each of its columns in a row of features. */
  private readonly places: Int32Array
  private readonly groupOf: Uint8Array
  /** Numbers in a row of features. */
  private readonly stride: number
  /** Candidates of one run; undefined when the file takes any number. */
  private readonly size: number | undefined

  private constructor(name: string, contract: ExternalContract, session: Session, columns: readonly string[]) {
    this.name = name
    this.contract = contract
    this.session = session
    this.places = Int32Array.from(contract.features.columns, (column) => columns.indexOf(column))
    const first = contract.features.columns.map((column) => column.split('.')[0] as string)
    const groups = [...new Set(first)]
    this.groupOf = Uint8Array.from(first, (group) => groups.indexOf(group))
    this.stride = columns.length
    const axis = portOf(session, contract.input)?.shape[0]
    this.size = typeof axis === 'number' ? axis : undefined
    const heads = headsOf(contract)
    this.manifest = { spec: { heads, groups, history: 1 }, learned: heads }
  }

  /**
   * @throws SluiceError ERR_MODEL_FEATURES for other features, ERR_MODEL_INVALID for a file that cannot be loaded or is not
   * what the contract says
   */
  static async open(
    name: string,
    contract: ExternalContract,
    file: Uint8Array,
    { columns, featureDigest }: ExternalGround,
  ): Promise<ExternalScorer> {
    const { features } = contract
    if (features.digest !== featureDigest)
      throw new SluiceError('ERR_MODEL_FEATURES', [name, features.digest, featureDigest])
    const unknown = features.columns.find((column) => !columns.includes(column))
    if (unknown !== undefined)
      throw new SluiceError('ERR_MODEL_INVALID', [name, `no feature has the column "${unknown}"`])
    const session = await openSession(name, contract, file)
    const wrong = mismatch(session, contract)
    if (wrong === undefined) return new ExternalScorer(name, contract, session, columns)
    await session.close()
    throw new SluiceError('ERR_MODEL_INVALID', [name, wrong])
  }

  /** [N x heads] probabilities. @throws SluiceError ERR_MODEL_RUN, also for outputs that are no probabilities */
  async score({ candidates, features, missing = 0 }: ScoreRequest): Promise<Float32Array> {
    const n = candidates.length
    const heads = this.manifest.spec.heads.length
    const out = new Float32Array(n * heads)
    const size = this.size ?? n
    for (let from = 0; from < n; from += size) {
      const rows = Math.min(size, n - from)
      const input = new Float32Array(size * this.places.length)
      this.gather(features, missing, from, rows, input)
      const results = await this.session.run({ [this.contract.input]: input })
      this.scatter(results, size, rows, out.subarray(from * heads, (from + rows) * heads))
    }
    return out
  }

  update({ number, base }: ModelUpdate): Promise<void> {
    const why = 'a model from outside does not learn here'
    return Promise.reject(new SluiceError('ERR_MODEL_INVALID', [`update ${number} of ${this.name}/${base}`, why]))
  }

  async close(): Promise<void> {
    await this.session.close()
  }

  private gather(features: Float32Array, missing: number, from: number, rows: number, input: Float32Array): void {
    const { places, groupOf, stride } = this
    const gone = this.contract.missing === null ? Number.NaN : (this.contract.missing ?? 0)
    for (let i = 0; i < rows; i++)
      for (let c = 0; c < places.length; c++) {
        const value = features[(from + i) * stride + places[c]]
        const lost = ((missing >>> (groupOf[c] as number)) & 1) === 1 || Number.isNaN(value)
        input[i * places.length + c] = lost ? gone : value
      }
  }

  private scatter(results: Record<string, unknown>, size: number, rows: number, out: Float32Array): void {
    const count = this.manifest.spec.heads.length
    const logits = this.contract.values === 'logits'
    let to = 0
    for (const { name, heads } of this.contract.outputs) {
      const values = results[name] as Float32Array
      if (values.length !== size * heads.length) {
        const why = `"${name}" gave ${values.length} values for ${size} candidates, not ${size * heads.length}`
        throw new SluiceError('ERR_MODEL_RUN', [this.name, why])
      }
      for (const [h, head] of heads.entries()) {
        if (head === null) continue
        for (let i = 0; i < rows; i++) {
          const value = values[i * heads.length + h]
          const probability = logits ? sigmoid(value) : value
          if (!(probability >= 0 && probability <= 1))
            throw new SluiceError('ERR_MODEL_RUN', [this.name, `"${name}" gave ${value} for ${head}: no probability`])
          out[i * count + to] = probability
        }
        to++
      }
    }
  }
}

async function openSession(name: string, { outputs }: ExternalContract, file: Uint8Array): Promise<Session> {
  try {
    return await Session.open(file, { name, outputs: outputs.map((output) => output.name) })
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new SluiceError('ERR_MODEL_INVALID', [name, cause.message], { cause })
  }
}

const portOf = ({ inputs }: Pick<Session, 'inputs'>, name: string): Port | undefined =>
  inputs.find((port) => port.name === name)

/** What the file is that the contract does not say; undefined when they agree. */
function mismatch(session: Session, { features, input, outputs }: ExternalContract): string | undefined {
  const width = features.columns.length
  const port = portOf(session, input)
  if (port === undefined || session.inputs.length > 1) {
    const has = session.inputs.map(({ name }) => name).join(', ') || 'none'
    return `its manifest says that "${input}" is the one input, the file has ${has}`
  }
  if (port.dtype !== 'float32' || port.shape.length !== 2 || port.shape[1] !== width)
    return `input "${input}" is ${say(port)}; its manifest asks for float32 [candidates, ${width}]`
  for (const { name, heads } of outputs) {
    const given = session.outputs.find((one) => one.name === name) as Port
    const { length } = given.shape
    const flat = length < 2 && heads.length === 1
    if (given.dtype !== 'float32' || !(flat || (length === 2 && fits(given.shape[1], heads.length))))
      return `output "${name}" is ${say(given)}; its manifest asks for float32 [candidates, ${heads.length}]`
  }
  return undefined
}

const fits = (axis: number | string | undefined, length: number): boolean => typeof axis === 'string' || axis === length
const say = ({ dtype, shape }: Port): string => `${dtype} [${shape.join(', ')}]`
