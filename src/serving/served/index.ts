export { ServedLog } from './log.ts'
export { ServedReader } from './reader.ts'
export { decodeFeatures, encodeFeatures, type ServedItem, type ServedRecord } from './record.ts'
