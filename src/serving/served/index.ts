export { ServedLog } from './log.ts'
export { decodeFeatures, encodeFeatures, type ServedItem, type ServedRecord } from './record.ts'
