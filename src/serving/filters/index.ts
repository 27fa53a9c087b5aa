export { compileRule } from './compile-rule.ts'
export { createFilters } from './filters.ts'
