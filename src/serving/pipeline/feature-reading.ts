/** How the columns of a group came: as of now, from values kept earlier, or not at all. */
export type FeatureStatus = 'ok' | 'stale' | 'missing'

/** What one batched read brought, by group of columns. */
export interface FeatureReading {
  /** Names of the groups: see `featureGroups`. */
  readonly groups: readonly string[]
  /** [groups] */
  readonly status: readonly FeatureStatus[]
  /** [groups] milliseconds since the oldest value of the group was true; 0 where it is as of now, or missing. */
  readonly ages: readonly number[]
}

/** Groups of columns, which come or are missing as a whole: the first words of their names, in order. */
export function featureGroups(names: readonly string[]): { groups: string[]; groupOf: Uint8Array } {
  const first = names.map((name) => name.split('.')[0] as string)
  const groups = [...new Set(first)]
  return { groups, groupOf: Uint8Array.from(first, (group) => groups.indexOf(group)) }
}

/** Everything is there, as of now. */
export function completeReading(groups: readonly string[]): FeatureReading {
  return { groups, status: groups.map(() => 'ok' as const), ages: groups.map(() => 0) }
}

/** Nothing came. */
export function missingReading(groups: readonly string[]): FeatureReading {
  return { groups, status: groups.map(() => 'missing' as const), ages: groups.map(() => 0) }
}

/** Names of the groups that did not come. */
export function missingGroups({ groups, status }: FeatureReading): string[] {
  return groups.filter((_, g) => status[g] === 'missing')
}

/** A sentence about what is not as of now; undefined when all is. */
export function readingNote(reading: FeatureReading): string | undefined {
  const missing = missingGroups(reading)
  const stale = reading.groups.flatMap((group, g) =>
    reading.status[g] === 'stale' ? [`${group} (${Math.round(reading.ages[g] ?? 0)} ms old)`] : [],
  )
  const parts = [
    ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
    ...(stale.length > 0 ? [`stale: ${stale.join(', ')}`] : []),
  ]
  return parts.length > 0 ? parts.join('; ') : undefined
}
