export * from './sequence/index.ts'
