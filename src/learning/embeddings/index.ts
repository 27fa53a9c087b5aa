/**
 * Embedding tables for ids without end, and the optimisers, outside the graph and in WebAssembly memory.
 *
 *     const items = new EmbeddingTable({ name: 'items', dim: 64, ids: 'text', optimiser: { kind: 'adagrad', rate: 0.05 } })
 *     const dense = new DenseVector(layout.size, { optimiser: { kind: 'adam', weightDecay: 0.01 } })
 *     const rate = schedule({ kind: 'cosine', rate: 1e-3, warmup: 100, steps: 5000 })
 *
 *     const rows = items.lookup(ids, now) // one call and one gather per table and step
 *     const result = await step.run({ vectors: items.gather(rows), ... }) // fills dense.gradients
 *     items.accumulate(rows, result.inputGradients.vectors)
 *     stepTogether({ dense: [dense], tables: [items] }, { denseRate: rate(n), normMax: 1 })
 *
 *     writeCheckpoint(items, path) // to go on training; encodeDense(dense) beside it
 *     writeSnapshot(items, path); const copy = readSnapshot(path) // to serve
 *     applyDelta(copy, deltaSince(items, copy.version)) // every minute
 *
 * To read it: table.ts, then rows.ts (ids, versions), records.ts (memory), pending.ts (gradients), kernels/.
 */
export type { AdmissionOptions } from './admission.ts'
export type { DenseOptimiser } from './dense/optimiser.ts'
export { type Schedule, schedule } from './dense/schedule.ts'
export { DenseVector } from './dense/vector.ts'
export { type Arrays, readArrays, writeArrays } from './files/arrays.ts'
export { readCheckpoint, writeCheckpoint } from './files/checkpoint.ts'
export { applyDelta, deltaSince, openDelta, supersede } from './files/delta.ts'
export { encodeDense, restoreDense } from './files/dense.ts'
export { readSnapshot, snapshotCopy, writeSnapshot } from './files/snapshot.ts'
export { type ModelUpdate, readUpdate, writeUpdate } from './files/update.ts'
export type { KernelKind } from './kernels/open.ts'
export { type IdKind, NO_ID } from './keys/keys.ts'
export { LearnedRows } from './learned-rows.ts'
export { revertTo } from './revert.ts'
export { DEFAULT_ROW, PADDING_ROW } from './rows.ts'
export type { SparseOptimiser } from './sparse-optimiser.ts'
export { stepTogether } from './step-together.ts'
export { EmbeddingTable, type TableOptions } from './table.ts'
export { type Bag, VectorSum } from './vector-sum.ts'
export { Vectors } from './vectors.ts'
