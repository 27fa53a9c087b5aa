export { LexicalIndex, type LexicalOptions } from './lexical-index.ts'
export { stemOf, wordsOf } from './tokens.ts'
