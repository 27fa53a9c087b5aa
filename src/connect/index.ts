export * from './contract.ts'
export * from './export.ts'
export * from './importers.ts'
export { placed } from './rows/rows.ts'
