export { LearnedRanker } from './learned-ranker.ts'
export type { RankingGround } from './ranking-ground.ts'
export { EXTERNAL, EXTERNAL_FILE } from './external-artifact.ts'
export type { LiveModel } from './live-model.ts'
export { RANKER, rankerConfig, type RankerManifestConfig, readRankerArtifact } from './ranking-artifact.ts'
export {
  readSequence,
  readSequenceArtifact,
  SEQUENCE,
  type SequenceManifestConfig,
  writeSequence,
} from './sequence-artifact.ts'
export { codesOf, type RankingCodes, rankingRequest } from './ranking-request.ts'
export { homeless, type IndexHome, type OfVectors, type OpenedIndex } from './index-home.ts'
export { SequenceSource } from './sequence-source.ts'
export { openTowers, TWO_TOWER, type TwoTowerEntry } from './two-tower-artifact.ts'
export { TwoTowerSource } from './two-tower-source.ts'
