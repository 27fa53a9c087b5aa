/** Models that can be trained by name, in the order in which `all` trains them: teachers before those they teach. */
export const trainable = ['sequence', 'wdl', 'din', 'bst', 'bst-isolated', 'dlrm', 'coarse', 'degraded'] as const
export type ModelName = (typeof trainable)[number]
