export { askOf, embeddedReader } from './embedded.ts'
export { embedded, inStore, type MakeOnline, type OnlineFeatures, onlineFeatures } from './online.ts'
export { memoryStore } from './value-store.ts'
