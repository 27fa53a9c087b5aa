export * from './ranking/index.ts'
export * from './sequence/index.ts'
