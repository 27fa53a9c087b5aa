export { ServedLog } from './log.ts'
export { ServedReader } from './reader.ts'
export {
  decodeFeatures,
  type EncodedRecord,
  encodeFeatures,
  encodeRecord,
  type ServedItem,
  type ServedRecord,
} from './record.ts'
