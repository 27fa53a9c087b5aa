export { CONSUMED_LENGTH, HISTORY_LENGTH, Histories } from './histories.ts'
