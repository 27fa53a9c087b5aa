export {
  RANKER,
  rankerConfig,
  type RankerManifestConfig,
  readRankerArtifact,
  writeRankerDraft,
} from './ranking-artifact.ts'
export {
  readSequence,
  readSequenceArtifact,
  SEQUENCE,
  type SequenceManifestConfig,
  writeSequence,
} from './sequence-artifact.ts'
export { SequenceSource } from './sequence-source.ts'
