import type { Check } from '../pipeline/index.ts'

/** The check of a filter that has nothing to say about this request. */
export const stays: Check = () => 0
