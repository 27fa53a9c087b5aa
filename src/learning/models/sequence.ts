import { Graph, MASKED, normal, type Tensor, type TrainingPlan, weightedMean } from '../graph/index.ts'
import { causalBias } from './layers/attention.ts'
import { lateMask } from './layers/late.ts'
import { norm } from './layers/norm.ts'
import { transformerBlock } from './layers/transformer.ts'

/**
 * Sequence retrieval: a causal transformer reads a history and says, after every item, which one comes next (SASRec:
 * Kang and McAuley 2018; trained by softmax as in gSASRec: Petrov and Macdonald 2023, and eSASRec: 2025). The state after
 * the last item is the viewer's vector; its inner product with an item's embedding orders the catalogue. Input and output
 * share one embedding table, which stays outside the graph.
 */
export interface SequenceConfig {
  /** Dimensions of an embedding and of every state. */
  readonly width: number
  /** Items of a history that are read, the last ones. */
  readonly length: number
  readonly blocks: number
  /** Divides the width. */
  readonly heads: number
  /** Inner width of the feed-forward parts, as a multiple of the width. */
  readonly expansion: number
  readonly gated: boolean
  readonly feedForward: 'relu' | 'swiglu'
  /** Share of values dropped in training, 0 to below 1. */
  readonly dropout: number
}

/** The shape of docs/measurements-sequence.md. */
export const sequenceDefaults: SequenceConfig = {
  width: 64,
  length: 200,
  blocks: 2,
  heads: 2,
  expansion: 2,
  gated: true,
  feedForward: 'swiglu',
  dropout: 0.1,
}

/** All inputs are fed; P = rows x length places, of which padding has segment 0. */
export interface EncoderInputs {
  /** [rows, length, width] embeddings of the items. */
  readonly history: Tensor
  /** int32 [rows, length] place of an item in its own history, from 0. */
  readonly positions: Tensor
  /** int32 [rows, length] items with one number belong to one history; several may lie in one row. */
  readonly segments: Tensor
  /** [rows, length, width] each, 0 or 1 / (1 - dropout); none outside training. */
  readonly masks: readonly Tensor[]
}

export interface Encoder extends EncoderInputs {
  /** [rows, length, width] the state after each item. */
  readonly states: Tensor
}

export interface EncoderOptions {
  readonly rows: number
  /** Places per row. Default config.length. */
  readonly length?: number
  /** Takes dropout masks as inputs. Default false. */
  readonly training?: boolean
}

/** The one builder for training, evaluation and serving: equal parameters, in equal order, whatever the options. */
export function sequenceEncoder(g: Graph, config: SequenceConfig, options: EncoderOptions): Encoder {
  const { rows, length = config.length, training = false } = options
  const { width, heads, expansion, gated, feedForward } = config
  const history = g.input('history', [rows, length, width])
  const positions = g.input('positions', [rows, length], 'int32')
  const segments = g.input('segments', [rows, length], 'int32')
  const masks: Tensor[] = []
  const drop = (x: Tensor, name: string): Tensor => {
    if (!training || config.dropout === 0) return x
    const mask = g.input(`mask/${name}`, x.shape)
    masks.push(mask)
    return g.dropout(x, mask)
  }

  const places = g.gatherRows(g.parameter('position', [config.length, width], normal(0.02)), positions)
  let x = drop(g.add(g.mul(history, Math.sqrt(width)), places), 'embedded')
  const bias = causalBias(g, segments)
  for (let block = 0; block < config.blocks; block++) {
    x = transformerBlock(g, x, `block${block}`, { heads, hidden: expansion * width, bias, gated, feedForward, drop })
  }
  return { history, positions, segments, masks, states: norm(g, x, 'norm') }
}

/**
 * What the next item is told from.
 * - `full`: all items; exact, and affordable up to some ten thousand.
 * - `sampled`: this many drawn uniformly, the same for all places of a step. Their logits are raised by
 *   log((items - 1) / negatives), so that the sum over them estimates the one over all (logQ correction). With `hard`, at
 *   most so many near misses of the step's slates come beside them, each for itself; even draws then stand for the rest.
 */
export type SequenceLoss =
  | { readonly kind: 'full' }
  | { readonly kind: 'sampled'; readonly negatives: number; readonly hard?: number }

export interface SequenceTrainingShape {
  readonly rows: number
  readonly items: number
  /** Places per row. Default config.length. */
  readonly length?: number
  /** Is an item that came out after a place no negative there? Then the times of both are inputs. Default no. */
  readonly timed?: boolean
}

export interface SequenceTraining {
  readonly graph: Graph
  readonly plan: TrainingPlan
  readonly encoder: Encoder
  /** Rows of the candidate matrix: the whole catalogue, or near misses and even draws. */
  readonly candidates: number
}

/**
 * Mean over places of -log softmax of the item that came next. Beside the encoder's inputs it is fed `target`
 * [rows, length, width] (embeddings of the next items), `candidates` [candidates, width], `weights` [P] (0 for padding),
 * and with sampling `next` int32 [P] and `drawn` int32 [candidates], the items' rows: a place's own item among the
 * negatives is masked. With near misses, also `raise` [candidates]: what is added to each logit. When timed, `moments` [P]
 * and `since` [candidates], in one unit: an item is masked at places before it was there; what is fed must never mask the
 * item that came next.
 */
export function sequenceTraining(
  config: SequenceConfig,
  loss: SequenceLoss,
  { rows, items, length, timed = false }: SequenceTrainingShape,
): SequenceTraining {
  const g = new Graph()
  const encoder = sequenceEncoder(g, config, { rows, training: true, ...(length !== undefined && { length }) })
  const count = loss.kind === 'full' ? items : loss.negatives + (loss.hard ?? 0)
  const places = rows * (length ?? config.length)
  const target = g.input('target', encoder.states.shape)
  const candidates = g.input('candidates', [count, config.width])
  const weights = g.input('weights', [places])

  const states = g.reshape(encoder.states, [places, config.width])
  const positives = g.sum(g.mul(states, g.reshape(target, states.shape)), [-1], { keep: true }) // [P, 1]
  let logits = g.matmul(states, candidates, { transposeB: true }) // [P, candidates]
  if (timed) logits = g.add(logits, lateMask(g, places, count))
  if (loss.kind === 'sampled') {
    const hits = g.equal(
      g.reshape(g.input('next', [places], 'int32'), [places, 1]),
      g.reshape(g.input('drawn', [count], 'int32'), [1, count]),
    )
    const raise = loss.hard ? g.reshape(g.input('raise', [count]), [1, count]) : Math.log((items - 1) / count)
    const corrected = g.add(g.add(logits, g.mul(hits, MASKED)), raise)
    logits = g.concat([positives, corrected])
  }
  const losses = g.reshape(g.sub(g.logSumExp(logits), positives), [places])
  const plan = { loss: weightedMean(g, losses, weights), inputGradients: [encoder.history, target, candidates] }
  return { graph: g, plan, encoder, candidates: count }
}

export interface SequenceServing {
  readonly graph: Graph
  readonly encoder: Encoder
  /** [width] the viewer's vector. */
  readonly user: Tensor
}

/**
 * One viewer: the history stands at the end of the row with segment 1 and positions from 0, padding with segment 0 before
 * it. A shorter `length` than the trained one is cheaper for short histories and gives the same vector.
 */
export function sequenceServing(config: SequenceConfig, length = config.length): SequenceServing {
  const g = new Graph()
  const encoder = sequenceEncoder(g, config, { rows: 1, length })
  const last = g.slice(encoder.states, 1, length - 1, length)
  return { graph: g, encoder, user: g.reshape(last, [config.width]) }
}
