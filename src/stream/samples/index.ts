export { Alias } from './alias.ts'
export { type BatchOptions, type BatchShape, batchesOf, countBatches } from './batches.ts'
export type { RankingBatch } from './batches.ts'
export { buildSamples, headerOf, samplesOf } from './build.ts'
export { type ConsumptionOptions, ConsumptionSamples } from './consumptions.ts'
export { Dataset, type RankingRequest } from './dataset.ts'
export { samplesDigest } from './digest.ts'
export { HEADS, type Head, type HeadSpec, headCode, headNames, heads } from './heads.ts'
export { firstAt, labelsOf } from './known.ts'
export { LiveSamples } from './live.ts'
export type { BuildReport, SampleOptions, ServedFacts } from './options.ts'
export { type Origin, origins, SAMPLES_SCHEMA, type SampleChunk, type SamplesHeader, tables } from './schema.ts'
export { leaveOneOut, type Sequences, type SequenceSplit, sequencesFrom, sequencesOf } from './sequences.ts'
export { splitSequencesByTime } from './sequences.ts'
export { type RequestSplit, splitByTime } from './split.ts'
export { readSamples, SamplesFile, writeSamples } from './file.ts'
export { type FrequencyOptions, StreamingFrequency } from './frequency.ts'
export { type DrawOptions, type NegativeBatch, type NegativeMix, Negatives } from './negatives.ts'
export { fitPowerLaw, positionCounts, type PositionCounts, powerLaw } from './position-bias.ts'
export {
  assertSamples,
  type SampleCheck,
  type SampleExpectations,
  type SampleReport,
  validateSamples,
} from './validate.ts'
export { weighted, type WeightOptions } from './weights.ts'
export { exportParquet, type Names } from './parquet/export.ts'
export { importParquet, type RowsByName } from './parquet/import.ts'
