import { knownNames, SluiceError } from '../../foundation/base/index.ts'
import type { Rule } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import { attributeField, builtInFields, type Field, type Scalar, type Test } from './rule-fields.ts'

/** Deepest nesting of all, any and not. */
const DEPTH_MAX = 8
/** Most rules in one, itself included. */
const RULES_MAX = 256

const conditions = ['is', 'in', 'min', 'max', 'exists'] as const
const known: ReadonlySet<string> = new Set(['field', ...conditions, 'all', 'any', 'not'])

/**
 * Turns a rule into a test of an item row over the catalogue's columns. All that a rule says must hold; an item
 * without the field fails every condition but `"exists": false`; `not` turns the answer round, so it also passes
 * items without the field. Words are looked up once: compile per request.
 * @throws SluiceError ERR_RULE_INVALID with the place in the rule and why it makes no sense
 */
export function compileRule(rule: Rule, items: Items): Test {
  return new Compiler(items).rule(rule, 'filter', 1)
}

class Compiler {
  private readonly items: Items
  private readonly fields: ReadonlyMap<string, Field>
  private rules = 0

  constructor(items: Items) {
    this.items = items
    this.fields = builtInFields(items)
  }

  rule(rule: Rule, where: string, depth: number): Test {
    if (depth > DEPTH_MAX) throw invalid(where, `rules nest at most ${DEPTH_MAX} deep`)
    if (++this.rules > RULES_MAX) throw invalid(where, `a filter holds at most ${RULES_MAX} rules`)
    if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) throw invalid(where, 'a rule is an object')
    const stranger = Object.keys(rule).find((key) => !known.has(key))
    if (stranger !== undefined) throw invalid(`${where}.${stranger}`, `a rule has ${[...known].join(', ')}`)

    const tests = this.conditions(rule, where)
    const inner = (name: 'all' | 'any') => {
      const rules = rule[name]
      if (!Array.isArray(rules) || rules.length === 0)
        throw invalid(`${where}.${name}`, 'a list of one rule or more is needed')
      return rules.map((one: Rule, i) => this.rule(one, `${where}.${name}[${i}]`, depth + 1))
    }
    if (rule.all !== undefined) tests.push(...inner('all'))
    if (rule.any !== undefined) tests.push(either(inner('any')))
    if (rule.not !== undefined) {
      const test = this.rule(rule.not, `${where}.not`, depth + 1)
      tests.push((row) => !test(row))
    }
    if (tests.length === 0) throw invalid(where, 'it says nothing: give a field and a condition, or all, any or not')
    return both(tests)
  }

  private conditions(rule: Rule, where: string): Test[] {
    const given = conditions.filter((name) => rule[name] !== undefined)
    if (rule.field === undefined) {
      if (given.length > 0) throw invalid(`${where}.${given[0]}`, 'a condition needs a field')
      return []
    }
    if (typeof rule.field !== 'string' || rule.field === '') throw invalid(`${where}.field`, 'a field is a name')
    if (given.length === 0)
      throw invalid(where, `it has no condition on "${rule.field}": give ${conditions.join(', ')}`)
    const field = this.fields.get(rule.field) ?? this.attribute(rule, rule.field, `${where}.field`)
    const tests: Test[] = []
    if (rule.is !== undefined) tests.push(one(field, rule.field, rule.is, `${where}.is`))
    if (rule.in !== undefined) tests.push(oneOf(field, rule.field, rule.in, `${where}.in`))
    if (rule.min !== undefined || rule.max !== undefined) tests.push(between(field, rule, where))
    if (rule.exists !== undefined) tests.push(existence(field, rule.exists, `${where}.exists`))
    return tests
  }

  /** A name that no item has as an attribute is a slip, unless the rule asks for just that or the catalogue is empty. */
  private attribute(rule: Rule, name: string, where: string): Field {
    const { names } = this.items.attributes
    if (!names.includes(name) && rule.exists !== false && this.items.size > 0)
      throw invalid(where, `no item has a field "${name}"; ${knownNames(name, [...this.fields.keys(), ...names])}`)
    return attributeField(this.items, name)
  }
}

function one(field: Field, name: string, value: Scalar, where: string): Test {
  const test = ['string', 'number', 'boolean'].includes(typeof value) ? field.is(value) : undefined
  if (test === undefined || Number.isNaN(value))
    throw invalid(where, `"${name}" holds ${field.holds}, not ${JSON.stringify(value)}`)
  return test
}

function oneOf(field: Field, name: string, values: readonly Scalar[], where: string): Test {
  if (!Array.isArray(values) || values.length === 0) throw invalid(where, 'a list of one value or more is needed')
  return either(values.map((value: Scalar, i) => one(field, name, value, `${where}[${i}]`)))
}

function between(field: Field, rule: Rule, where: string): Test {
  const bound = (name: 'min' | 'max', none: number) => {
    const given = rule[name]
    if (given === undefined) return none
    const value = field.bound(given)
    if (!Number.isNaN(value)) return value
    throw invalid(`${where}.${name}`, `"${rule.field}" holds ${field.holds}: a bound is no ${JSON.stringify(given)}`)
  }
  const [min, max] = [bound('min', Number.NEGATIVE_INFINITY), bound('max', Number.POSITIVE_INFINITY)]
  const place = `${where}.${rule.min !== undefined ? 'min' : 'max'}`
  if (min > max) throw invalid(place, `no value is at least ${rule.min} and at most ${rule.max}`)
  const test = field.between(min, max)
  if (test === undefined) throw invalid(place, `"${rule.field}" holds ${field.holds}, which has no order`)
  return test
}

function existence(field: Field, wanted: boolean, where: string): Test {
  if (typeof wanted !== 'boolean') throw invalid(where, 'it is true or false')
  return wanted ? field.exists : (row) => !field.exists(row)
}

function both(tests: readonly Test[]): Test {
  return tests.length === 1 ? (tests[0] as Test) : (row) => tests.every((test) => test(row))
}

function either(tests: readonly Test[]): Test {
  return tests.length === 1 ? (tests[0] as Test) : (row) => tests.some((test) => test(row))
}

function invalid(where: string, why: string): SluiceError {
  return new SluiceError('ERR_RULE_INVALID', [where, why])
}
