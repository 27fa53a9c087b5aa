import { type IdTable, meant } from '../../foundation/base/index.ts'
import type { Rule } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import { compileRule } from './compile-rule.ts'

/** Most times that an item is held against a rule for one sentence: a millisecond or two. */
const TESTS_MAX = 50_000
/** Most names that a misspelt one is held against. */
const NAMES_MAX = 1_000
/** Longest text of a rule that is repeated. */
const SHOWN_MAX = 120

/**
 * Why a rule left nothing: the first of its conditions that no item meets, with the nearest name there is, or that no item
 * meets them all. For a slate that is empty; it looks at no more than `TESTS_MAX` items.
 */
export function whyNone(rule: Rule, items: Items): string {
  let left = TESTS_MAX
  /** Does any item meet it? Undefined when there was no time to look at all. */
  const met = (one: Rule): boolean | undefined => {
    const meets = compileRule(one, items)
    for (let row = 0; row < items.size; row++) {
      if (left-- <= 0) return undefined
      if (items.has(row) && meets(row)) return true
    }
    return false
  }
  for (const one of partsOf(rule)) {
    const is = met(one)
    if (is === undefined) return 'no item that may be shown meets the filter'
    if (!is) return `no item meets ${said(one)}${nearest(one, items)}`
  }
  const all = met(rule)
  if (all === false) return 'there are items for each condition of the filter, and none that meets all'
  return 'no item that may be shown to this viewer meets the filter'
}

/** What must all hold, a condition each; `any` and `not` stay whole. */
function partsOf(rule: Rule): Rule[] {
  const { field, is, in: among, min, max, exists, all, any, not } = rule
  const named = field === undefined ? {} : { field }
  return [
    ...(is === undefined ? [] : [{ ...named, is }]),
    ...(among === undefined ? [] : [{ ...named, in: among }]),
    ...(min === undefined ? [] : [{ ...named, min }]),
    ...(max === undefined ? [] : [{ ...named, max }]),
    ...(exists === undefined ? [] : [{ ...named, exists }]),
    ...(all ?? []).flatMap(partsOf),
    ...(any === undefined ? [] : [{ any }]),
    ...(not === undefined ? [] : [{ not }]),
  ]
}

/** `category is "jazz"`, as the rule has it. */
function said({ field, ...conditions }: Rule): string {
  const [name = '', value] = Object.entries(conditions)[0] ?? []
  const text = `${field === undefined ? '' : `${field} `}${name} ${JSON.stringify(value)}`
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text
}

/** The way out of a misspelt value, where the field holds few names. */
function nearest({ field, is }: Rule, { categories, languages, tags, creators }: Items): string {
  const tables: Readonly<Record<string, IdTable>> = {
    category: categories,
    language: languages,
    tag: tags,
    creator: creators,
  }
  const table = tables[field ?? '']
  if (typeof is !== 'string' || table === undefined || table.size > NAMES_MAX) return ''
  const near = meant(
    is,
    Array.from({ length: table.size }, (_, row) => table.name(row)),
  )
  return near === undefined || near === is ? '' : `; did you mean "${near}"?`
}
