import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { faultsOf, UNTOLD } from './faults.ts'

/** Wrong: the place of the first fault, and a sentence with the places and reasons of up to two more. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; where: string; why: string }

/** Most faults that are told at once. */
const FAULTS_MAX = 3

/** Makes a checker of unknown values from a schema: compiled once, it says where the value is wrong and why. */
export function parserOf<S extends TSchema>(schema: S): (value: unknown) => Parsed<Static<S>> {
  const check = Compile(schema)
  return (value) => {
    if (check.Check(value)) return { ok: true, value: value as Static<S> }
    const faults = faultsOf(schema, value, check.Errors(value))
    const { where, why } = faults[0] ?? UNTOLD
    const others = faults.slice(1, FAULTS_MAX).map((fault) => `; ${fault.where} ${fault.why}`)
    return { ok: false, where, why: `${why}${others.join('')}${faults.length > FAULTS_MAX ? '; and more' : ''}` }
  }
}
