import type { Features, FeatureSelection } from '../../stream/features/index.ts'
import { askOf } from '../features/index.ts'
import type { Candidates, Query } from '../pipeline/index.ts'

/**
 * The columns that a ranker reads itself, as of now: those of its selection, or all of them. Those that were read for the
 * same candidates before are not read again.
 */
export function ownColumns(
  selection: FeatureSelection | undefined,
  features: Features,
  query: Query,
  { count, rows, known }: Pick<Candidates, 'count' | 'rows' | 'known'>,
): NonNullable<Candidates['known']> {
  const reader = selection ?? features
  const { names } = reader
  if (known?.names.join() === names.join()) return known
  const values = new Float32Array(count * names.length)
  reader.read(askOf(query), rows, values)
  return { names, values }
}
