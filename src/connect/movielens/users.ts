import type { User } from '../../domain/index.ts'
import { numberOf } from '../rows/values.ts'

/** id|age|gender|occupation|zip of u.user: the age only. Gender and zip code are left where they are. */
export function user100k(fields: readonly string[]): User | undefined {
  const age = numberOf(fields[1])
  return fields.length === 5 && fields[0] && age >= 0 ? { id: fields[0], age } : undefined
}

/** Least age in each bucket of ml-1m. Bucket 1 is "under 18": no least age, so the policy for unknown ages holds. */
const buckets: Readonly<Record<string, number | undefined>> = {
  1: undefined,
  18: 18,
  25: 25,
  35: 35,
  45: 45,
  50: 50,
  56: 56,
}

/** id::gender::age bucket::occupation::zip of users.dat: the age bucket only, by its least age. */
export function user1m(fields: readonly string[]): User | undefined {
  const [id, , bucket = ''] = fields
  if (fields.length !== 5 || !id || !Object.hasOwn(buckets, bucket)) return undefined
  const age = buckets[bucket]
  return age === undefined ? { id, attributes: { ageGroup: 'under 18' } } : { id, age }
}
