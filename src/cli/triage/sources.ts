import type { Minute } from '../../foundation/telemetry/index.ts'
import type { Sign } from './signs.ts'

/** Sources that fail at once have a cause in common: they become one finding, named by what they share. */
export function together<S extends Sign & { readonly since: number }>(
  found: readonly S[],
  { sourceFaults }: Minute,
  indexed: readonly string[],
): S[] {
  const failing = found.filter(({ sign }) => sign === 'source fails')
  const others = found.filter(({ sign }) => sign !== 'source fails')
  const [first] = failing
  if (!first || failing.length === 1)
    return first ? [{ ...first, how: `source ${first.subject} is late, fails or is skipped` }, ...others] : others
  const names = failing.map(({ subject }) => subject)
  const listed = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  const isAll = names.length === Object.keys(sourceFaults).length
  const isIndex = names.every((source) => indexed.includes(source))
  const who = isIndex ? `sources that answer from an index (${listed})` : `sources ${listed}`
  return [
    {
      ...first,
      subject: names.join(', '),
      value: Math.max(...failing.map(({ value }) => value)),
      since: Math.min(...failing.map(({ since }) => since)),
      how: isAll ? 'every source is late, fails or is skipped, up to' : `${who} are late, fail or are skipped, up to`,
    },
    ...others,
  ]
}
