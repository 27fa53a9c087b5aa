import { type FeatureSpec, historyGroup, viewerGroup } from './feature-spec.ts'

/** What is kept about the viewer: gone when the store of user state does not answer. */
export const viewerState: readonly string[] = [
  historyGroup,
  viewerGroup,
  'user',
  'session',
  'affinity',
  'fatigue',
  'series',
]

/**
 * Bits of the groups of features that are missing, by their names; those that a specification does not have are passed
 * over. `except`: the groups named are those that stay.
 */
export function missingBits(spec: Pick<FeatureSpec, 'groups'>, missing: readonly string[], except = false): number {
  return (
    spec.groups.reduce((bits, name, group) => (missing.includes(name) !== except ? bits | (1 << group) : bits), 0) >>> 0
  )
}
