import type { Trained, Values } from '../../src/learning/graph/index.ts'

/** A step of the product, ready to be taken again and again on one batch. Gives its loss. */
export interface Stepper {
  step(): Promise<number>
  close(): Promise<void>
}

/** Rows that an input is gathered from: [places x bag], the mean of each bag; `whole` is the table itself, in order. */
export interface Gathered {
  readonly table: string
  readonly bag: number
  readonly rows: Uint32Array | 'whole'
}

export interface PeerTable {
  readonly name: string
  readonly dim: number
  readonly values: Float32Array
  /** Trained with the dense weights by Adam, or sparsely by Adagrad. */
  readonly dense: boolean
}

/** What a peer needs to take the same step: the graph, its leaves as arrays, and how they are changed. */
export interface PeerTask {
  readonly trained: Trained
  /** By parameter, in order of the layout. */
  readonly parameters: Float32Array
  readonly feeds: Readonly<Record<string, Values>>
  readonly gathered: Readonly<Record<string, readonly Gathered[]>>
  readonly tables: readonly PeerTable[]
  readonly rates: {
    readonly dense: number
    readonly beta2: number
    readonly table: number
    readonly weightDecay: number
    /** 0: gradients are not clipped. */
    readonly normMax: number
  }
}

/** One model at one shape of batch. */
export interface Subject {
  readonly model: string
  readonly shape: string
  /** Examples of one step: impressions, positives, or places of sequences. */
  readonly examples: number
  /** With so many threads. */
  open(threads: number): Promise<Stepper>
  peer(): PeerTask
  /** Does a peer's loss follow the product's from step to step? Else the product draws as it goes. */
  readonly follows: boolean
}
