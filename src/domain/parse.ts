import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

export type Parsed<T> = { ok: true; value: T } | { ok: false; where: string; why: string }

/** Makes a checker of unknown values from a schema: compiled once, it says where the value is wrong and why. */
export function parserOf<S extends TSchema>(schema: S): (value: unknown) => Parsed<Static<S>> {
  const check = Compile(schema)
  return (value) => {
    if (check.Check(value)) return { ok: true, value: value as Static<S> }
    const all = [...check.Errors(value)]
    // An unknown property is reported as "schema is false" at its own path: the clearest of the lot.
    const unknown = all.find((error) => error.keyword === 'boolean')
    if (unknown) return { ok: false, where: unknown.instancePath, why: 'is not a known property' }
    const first = all[0]
    return { ok: false, where: first?.instancePath || '/', why: first?.message ?? 'is not valid' }
  }
}
