export { compileRule } from './compile-rule.ts'
export { createFilters } from './filters.ts'
export { whyNone } from './rule-blame.ts'
