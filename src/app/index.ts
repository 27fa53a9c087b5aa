export type * from './engine.ts'
export type * from './evaluate/report.ts'
export type * from './options.ts'
