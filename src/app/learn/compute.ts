import type { TrainOptions } from './report.ts'

/** On how many threads, and where, a training computes. */
export function computeOf({ threads, config: { learning } }: Pick<TrainOptions, 'threads' | 'config'>) {
  return { threads: threads ?? learning.threads, provider: learning.provider } as const
}
