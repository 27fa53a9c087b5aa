import { AGE_BANDS } from '../../../stream/catalog/index.ts'

/** Countries with lists of their own; those beyond share the wider lists. ISO 3166-1 has 249. */
export const COUNTRIES_MAX = 256
/** Categories with lists of their own. */
export const CATEGORIES_MAX = 4096
/** Segment of everybody. */
export const GLOBAL = 0
const BANDS = 1
const COUNTRIES = BANDS + AGE_BANDS
const CROSSES = COUNTRIES + COUNTRIES_MAX

/** Segment of an age band, or -1 for the unknown band. */
export const bandSegment = (band: number): number => (band > 0 ? BANDS + band : -1)

/** Segment of a country, or -1. */
export const countrySegment = (country: number): number =>
  country >= 0 && country < COUNTRIES_MAX ? COUNTRIES + country : -1

/** Segment of a country and an age band together, or -1 when one is unknown. */
export const crossSegment = (country: number, band: number): number =>
  band > 0 && country >= 0 && country < COUNTRIES_MAX ? CROSSES + country * AGE_BANDS + band : -1
