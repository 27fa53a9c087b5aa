/** Models that can be trained by name, in the order in which `all` trains them: teachers before those they teach. */
export const trainable = [
  'sequence',
  'two-tower',
  'wdl',
  'din',
  'bst',
  'bst-isolated',
  'dlrm',
  'coarse',
  'degraded',
] as const
export type ModelName = (typeof trainable)[number]

const outcomeModels = ['wdl', 'din', 'bst', 'bst-isolated', 'dlrm', 'degraded'] as const

/**
 * Models that can go on learning from the stream: those that learn from outcomes, not from another model, and the two
 * towers, of what is consumed.
 */
export const onlineModels = [...outcomeModels, 'two-tower'] as const
export type OnlineModel = (typeof onlineModels)[number]

/** Models whose training takes settings: all but the coarse ranker, which goes by the fine one. */
export const settableModels = ['sequence', 'two-tower', ...outcomeModels] as const
export type SettableModel = (typeof settableModels)[number]
