/** Every source of candidates by the name it has in the configuration of surfaces. */
export const sourceNames = [
  'sequence',
  'two-tower',
  'slim',
  'covisit',
  'following',
  'similar',
  'followed',
  'interests',
  'trending',
  'popular',
  'fresh',
  'pins',
  'lexical',
  'resume',
  'again',
] as const
/** Those that answer by a trained model. */
export type LearnedSource = 'sequence' | 'two-tower'
export type FoldedSource = Exclude<(typeof sourceNames)[number], LearnedSource>
