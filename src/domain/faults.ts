import { knownNames, meant } from '../foundation/base/index.ts'
import { NO_NAME } from './shapes.ts'

export interface Fault {
  /** Place in the value, as a JSON pointer. */
  readonly where: string
  readonly why: string
}

/** What a check of a schema finds: several at one place when it could be one of several things. */
interface Found {
  readonly keyword: string
  readonly schemaPath: string
  readonly instancePath: string
  readonly message: string
  readonly params: object
}

/** A value that is not valid and of which the check says nothing. */
export const UNTOLD: Fault = { where: '/', why: 'is not valid' }

/** Longest text of a value that is repeated. */
const SHOWN_MAX = 40

/** A place's faults as one sentence each: unknown properties first, since others often follow from them. */
export function faultsOf(schema: object, value: unknown, found: readonly Found[]): Fault[] {
  const places = new Map<string, Found[]>()
  for (const one of found) {
    if (one.keyword === 'additionalProperties') continue // told at the place of the property itself
    const before = places.get(one.instancePath)
    if (before) before.push(one)
    else places.set(one.instancePath, [one])
  }
  const faults = [...places].map(([where, all]) => ({
    ...{ where: where || '/', unknown: isUnknown(all[0]) },
    why: sentence(all, schema, at(value, where)),
  }))
  return [...faults.filter(({ unknown }) => unknown), ...faults.filter(({ unknown }) => !unknown)]
}

/** An unknown property is reported as "schema is false" at its own path. */
const isUnknown = (found: Found | undefined) => found?.keyword === 'boolean'

function sentence(all: readonly Found[], schema: object, value: unknown): string {
  const [first] = all as [Found]
  const wanted = schemaAt(schema, first.schemaPath)
  if (isUnknown(first)) return unknown(first, schema)
  const union = all.length > 1 ? schemaAt(schema, first.schemaPath.replace(/\/anyOf\/\d+$/, '')) : wanted
  const shown = shortened(value, union)
  if (first.keyword === 'enum') return `${oneOf(first, value)}${shown}`
  const described = all.length > 1 || first.keyword === 'pattern' ? description(union) : ''
  if (described) return `must be ${described}${shown}`
  const messages = all.filter(({ keyword }) => keyword !== 'anyOf').map(({ message }) => message)
  return `${[...new Set(messages)].join(' or ')}${first.keyword === 'required' ? '' : shown}`
}

function unknown({ schemaPath, instancePath }: Found, schema: object): string {
  const owner = schemaAt(schema, schemaPath.replace(/\/additionalProperties$/, ''))
  if (owner['patternProperties'] !== undefined) return NO_NAME
  const name = parts(instancePath).at(-1) ?? ''
  const elsewhere = placesOf(schema, name)
  const names = knownNames(name, Object.keys((owner['properties'] as object | undefined) ?? {}))
  const told = elsewhere.length === 0 ? names : `${names}. There is a ${elsewhere.join(' and a ')}`
  return `is not a known property: ${told}`
}

/** Places that are told of a name: where it is at more, it says little. */
const PLACES_MAX = 2

/** Where a schema has a property of that name, as `retrieval.pins`; `*` stands for any name. None when it is at many. */
function placesOf(schema: object, name: string): string[] {
  const found: string[] = []
  const walk = (node: Record<string, unknown>, path: readonly string[]) => {
    const { properties = {}, patternProperties = {} } = node as Record<string, Record<string, object>>
    for (const [key, inner] of Object.entries(properties)) {
      if (key === name) found.push([...path, key].join('.'))
      walk(inner as Record<string, unknown>, [...path, key])
    }
    for (const inner of Object.values(patternProperties)) walk(inner as Record<string, unknown>, [...path, '*'])
  }
  walk(schema as Record<string, unknown>, [])
  return found.length > PLACES_MAX ? [] : found
}

function oneOf({ params }: Found, value: unknown): string {
  const { allowedValues = [] } = params as { allowedValues?: readonly unknown[] }
  const names = allowedValues.map(String)
  const near = typeof value === 'string' ? meant(value, names) : undefined
  return `must be one of ${names.join(', ')}${near === undefined ? '' : ` (did you mean "${near}"?)`}`
}

/** What the schema says of itself, to follow "must be". */
function description(schema: Record<string, unknown>): string {
  const text = typeof schema['description'] === 'string' ? schema['description'] : ''
  return text.replace(/\.$/, '').replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase())
}

/** The value for the eye: text and numbers as they are, cut short; secrets not at all. */
function shortened(value: unknown, schema: Record<string, unknown>): string {
  if (value === undefined || schema['writeOnly'] === true) return ''
  if (Array.isArray(value)) return ', not a list'
  if (typeof value === 'object' && value !== null) return ', not an object'
  if (typeof value !== 'string') return `, not ${value}`
  return `, not ${JSON.stringify(value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}...` : value)}`
}

const parts = (pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

/** What lies at a pointer of a value. */
function at(value: unknown, pointer: string): unknown {
  let here = value
  for (const part of parts(pointer)) here = (here as Record<string, unknown> | null | undefined)?.[part]
  return here
}

/** The part of a schema that a path names; a reference on the way is followed. Empty when there is none. */
function schemaAt(schema: object, path: string): Record<string, unknown> {
  let here: Record<string, unknown> | undefined = schema as Record<string, unknown>
  let definitions: Record<string, unknown> = {}
  const follow = () => {
    if (typeof here?.['$defs'] === 'object') definitions = here['$defs'] as Record<string, unknown>
    const { $ref } = here ?? {}
    if (typeof $ref === 'string') here = definitions[$ref] as Record<string, unknown> | undefined
  }
  follow()
  for (const part of parts(path)) {
    here = here?.[part] as Record<string, unknown> | undefined
    follow()
  }
  return here ?? {}
}
