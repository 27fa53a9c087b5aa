/** Models that can be trained by name. */
export const trainable = ['sequence'] as const
export type ModelName = (typeof trainable)[number]
