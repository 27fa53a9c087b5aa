export { type ColumnDrift, columnDrift, columnMoves } from './columns.ts'
export { jensenShannon } from './jensen-shannon.ts'
export { type KolmogorovSmirnov, kolmogorovSmirnov } from './kolmogorov-smirnov.ts'
export {
  type ColumnReference,
  columnReference,
  type Psi,
  psi,
  psiAgainst,
  psiBands,
  psiOfShares,
} from './psi.ts'
export { type DriftReference, driftReference } from './reference.ts'
export { type Edges, equalFrequencyEdges, SAMPLES_MIN, sharesOf } from './shares.ts'
export { accuracyP, classifierTwoSample, type TwoSample, twoSampleAction, type TwoSampleOptions } from './two-sample.ts'
export { wassersteinInDeviations } from './wasserstein.ts'
