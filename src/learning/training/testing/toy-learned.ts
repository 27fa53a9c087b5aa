import { DenseVector } from '../../embeddings/index.ts'
import { rankingTables } from '../../models/index.ts'
import { toySpec } from '../../models/testing/toy-spec.ts'
import type { Learned } from '../checkpoints.ts'

/** Three weights and empty tables: something to make checkpoints of. */
export const toyLearned = (): Learned => ({
  dense: new DenseVector(3, { name: 'toy', optimiser: { kind: 'adam' } }),
  tables: rankingTables(toySpec(), {
    optimiser: { kind: 'adagrad', rate: 0.1 },
    admission: { threshold: 1 },
    seed: 's',
  }),
  layout: { slots: [], size: 3 },
})
