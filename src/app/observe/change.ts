/** What can change under a running platform, and what is said of it. The triage asks these first. */
export const changeKinds = {
  start: 'the server started',
  stop: 'the server was stopped in good order',
  version: 'another version of the program',
  configuration: 'the configuration is another one',
  model: 'another version of a model is in use',
  index: 'another version of an index is in use',
  shadow: 'another version of a model is asked in the shadow, or none any more',
  fault: 'failures are injected on purpose, others than before or none',
} as const
export type ChangeKind = keyof typeof changeKinds

/** One line of the change log. */
export interface Change {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly kind: ChangeKind
  /** What changed: a model's name, the path of an option, the server. */
  readonly subject: string
  readonly from?: string
  readonly to?: string
  /** As a sentence. */
  readonly say: string
}
