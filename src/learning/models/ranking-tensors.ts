import type { Graph, Initialiser, Shape, Tensor } from '../graph/index.ts'
import type { FeatureSpec } from './feature-spec.ts'
import type { Scaled } from './layers/joined.ts'
import {
  type EmbeddedInput,
  type EmbeddedName,
  embeddedNames,
  partsOf,
  type Per,
  type PlainName,
  plainInputs,
  tables,
} from './ranking-inputs.ts'

/**
 * The inputs of one ranking graph. An input exists once a model has asked for it, so a model is fed with what it uses
 * and nothing else. R requests, K candidates each, T history entries, d numbers per embedding.
 */
export class RankingTensors {
  readonly g: Graph
  readonly spec: FeatureSpec
  readonly requests: number
  readonly candidates: number
  private readonly made = new Map<string, Tensor>()

  constructor(g: Graph, spec: FeatureSpec, requests: number, candidates: number) {
    this.g = g
    this.spec = spec
    this.requests = requests
    this.candidates = candidates
  }

  /** Names of the embedded inputs that were asked for. */
  get embeddedNames(): EmbeddedName[] {
    return embeddedNames.filter((name) => this.made.has(name))
  }

  /** [places, width], or [places] for a single number. */
  plain(name: PlainName): Tensor {
    const { dtype, per, width } = plainInputs[name]
    const size = width(this.spec)
    return this.once(name, () => this.g.input(name, [...this.places(per), ...(size > 0 ? [size] : [])], dtype))
  }

  /** [places, width of the table] */
  embedded(name: EmbeddedName): Tensor {
    const [{ table, per }] = partsOf(name) as [EmbeddedInput]
    return this.once(name, () => this.g.input(name, [...this.places(per), tables[table](this.spec)]))
  }

  /** [R, K, columns] dense features, 0 where their group is missing. */
  get dense(): Tensor {
    const { of, by } = this.denseParts[0] as Scaled
    return this.g.mul(of, this.g.reshape(by, [this.requests, 1, this.spec.columns.length]))
  }

  /** The same as a part of a layer over requests and candidates; none where there are no features. */
  get denseParts(): readonly Scaled[] {
    const { g, spec } = this
    if (!this.hasDense) return []
    const owner = new Float32Array(spec.groups.length * spec.columns.length)
    for (const [column, group] of spec.groupOf.entries()) owner[group * spec.columns.length + column] = 1
    const there = g.matmul(this.plain('present'), g.constant(owner, [spec.groups.length, spec.columns.length]))
    return [{ of: this.plain('dense'), by: there }]
  }

  /** A parameter that several parts of a model use. */
  shared(name: string, shape: Shape, initialiser: Initialiser): Tensor {
    return this.once(name, () => this.g.parameter(name, shape, initialiser))
  }

  get hasDense(): boolean {
    return this.spec.columns.length > 0
  }

  private places(per: Per): Shape {
    if (per === 'request') return [this.requests]
    return [this.requests, per === 'history' ? this.spec.history : this.candidates]
  }

  private once(name: string, make: () => Tensor): Tensor {
    const known = this.made.get(name)
    if (known) return known
    const tensor = make()
    this.made.set(name, tensor)
    return tensor
  }
}
