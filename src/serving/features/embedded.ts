import type { FeatureAsk, Features } from '../../stream/features/index.ts'
import { completeReading, featureGroups, type FeatureReader, type Query } from '../pipeline/index.ts'

/** Reads the columns of this process: always whole, always as of the request's moment. */
export function embeddedReader(features: Features): FeatureReader {
  const { groups } = featureGroups(features.names)
  const complete = completeReading(groups)
  return {
    names: features.names,
    groups,
    read(query, rows, out, _deadline, known) {
      features.read(askOf(query), rows, out, known)
      return complete
    },
  }
}

/** What features may know of a request. */
export function askOf({ viewer, at, surface, device }: Query): FeatureAsk {
  return { user: viewer.row, at, surface, device, country: viewer.country, language: viewer.language }
}
