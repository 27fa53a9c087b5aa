import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hash32 } from '../../foundation/base/index.ts'
import { completeConfig, type Item, type Reason, reasonNames, timeOf, type User } from '../../domain/index.ts'
import { checkOf } from '../pipeline/index.ts'
import { createFilters } from './filters.ts'
import { emptyState, event, home, put, queryOf } from './testing/scene.ts'

const { policy } = completeConfig()
const NOW = 1_000
const country = fc.constantFrom('DE', 'fr', 'US')
/** Mostly nothing, so that an item often gets past the first filters. */
const some = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })
const defined = (record: object) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))

const items = fc
  .array(
    fc.record({
      hidden: some(fc.boolean()),
      published: some(fc.constantFrom(500, 1_000, 1_001, '1970-01-01T00:00:00.900Z', '1999-01-01T00:00:00Z')),
      expires: some(fc.constantFrom(999, 1_000, 1_001, 'never, or so')),
      stock: some(fc.constantFrom(0, 1, 7)),
      flags: some(fc.subarray(['blocked', 'illegal', 'tame', 'spicy'])),
      ageRating: some(fc.constantFrom(0, 12, 13, 14, 18)),
      countries: some(fc.subarray(['DE', 'FR'])),
      notCountries: some(fc.subarray(['DE', 'US'])),
      creator: some(fc.constantFrom('u0', 'u1', 'maker')),
      price: some(fc.constantFrom(5, 19.99, 30)),
      deleted: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((all) => all.map(({ deleted, ...rest }, i) => ({ deleted, item: { id: `i${i}`, ...defined(rest) } as Item })))
const viewers = fc.record({
  known: fc.boolean(),
  age: fc.constantFrom(undefined, 5, 13, 18, 40),
  country: fc.option(country, { nil: undefined }),
  creator: fc.boolean(),
  optOut: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
})
const actions = fc.array(
  fc.record({
    item: fc.nat(24),
    kind: fc.constantFrom('watch', 'click', 'impression', 'not-interested', 'report', 'survey'),
  }),
  { maxLength: 30 },
)
const asks = fc.record({
  seen: fc.constantFrom('remove' as const, 'keep' as const),
  excluded: fc.array(fc.nat(24), { maxLength: 5 }),
  shown: fc.array(fc.nat(24), { maxLength: 5 }),
  context: some(fc.nat(24)),
  maxPrice: some(fc.constantFrom(10, 19.99)),
  countryUnknown: fc.boolean(),
})

type Case = {
  viewer: { known: boolean; age?: number | undefined; country?: string | undefined; creator: boolean; optOut: boolean }
  actions: { item: number; kind: string }[]
  ask: {
    seen: 'remove' | 'keep'
    excluded: number[]
    shown: number[]
    context?: number | undefined
    maxPrice?: number | undefined
    countryUnknown: boolean
  }
}

/** What the filters must say, written on plain objects. Undefined: stays. */
function reference(item: Item, deleted: boolean, { viewer, actions, ask }: Case): Reason | undefined {
  const profile = viewer.known ? viewer : undefined
  const age = profile?.age ?? policy.ageUnknown
  const at = profile?.country?.toUpperCase()
  const limited = (item.countries?.length ?? 0) + (item.notCountries?.length ?? 0) > 0
  const history = profile && !profile.optOut ? actions.filter((action) => `i${action.item}` === item.id) : []
  const index = Number(item.id.slice(1))
  if (deleted) return 'deleted'
  if (item.hidden) return 'hidden'
  if (item.published !== undefined && !(timeOf(item.published) <= NOW)) return 'unpublished'
  if (item.expires !== undefined && !(timeOf(item.expires) > NOW)) return 'expired'
  if (item.stock === 0) return 'out-of-stock'
  if (item.flags?.some((flag) => policy.blockedFlags.includes(flag))) return 'policy'
  if ((item.ageRating ?? 0) > age) return 'age-rating'
  if (at === undefined && limited && !ask.countryUnknown) return 'region'
  if (at !== undefined && item.notCountries?.includes(at)) return 'region'
  if (at !== undefined && item.countries && item.countries.length > 0 && !item.countries.includes(at)) return 'region'
  if (ask.context === index) return 'context'
  if (ask.excluded.includes(index)) return 'excluded'
  if (ask.shown.includes(index)) return 'shown'
  if (profile?.creator && item.creator === 'u0') return 'own'
  if (history.some(({ kind }) => kind === 'not-interested' || kind === 'report')) return 'dismissed'
  if (ask.seen === 'remove' && history.some(({ kind }) => kind === 'watch' || kind === 'click')) return 'seen'
  if (ask.maxPrice !== undefined && !(item.price !== undefined && item.price <= ask.maxPrice)) return 'rule'
  return undefined
}

describe('all filters together', () => {
  it('equal a reference on plain objects, reason by reason', () => {
    const reached = new Set<string>()
    fc.assert(
      fc.property(items, viewers, actions, asks, (catalogue, viewer, actions, ask) => {
        const { state, histories } = emptyState()
        const filters = createFilters(state, histories, { ...policy, countryUnknown: ask.countryUnknown })
        const known = actions.filter(({ item }) => item < catalogue.length)
        const profile = defined({ id: 'u0', ...viewer, known: undefined }) as unknown as User
        put(
          state,
          catalogue.map(({ item }) => item),
          viewer.known ? [profile] : [],
          viewer.known ? known.map(({ item, kind }, i) => event(i, kind, 'u0', `i${item}`)) : [],
        )
        for (const { item, deleted } of catalogue)
          if (deleted) state.apply({ type: 'item-deleted', id: item.id, at: 5 })
        const rows = (indices: readonly number[]) => indices.filter((i) => i < catalogue.length)
        const query = queryOf(state, viewer.known ? 'u0' : undefined, {
          at: NOW,
          plan: { ...home, seen: ask.seen },
          excluded: rows(ask.excluded),
          shown: new Set(ask.shown.map((i) => hash32(`i${i}`))),
          item: ask.context !== undefined && ask.context < catalogue.length ? ask.context : -1,
          rule: ask.maxPrice === undefined ? undefined : { field: 'price', max: ask.maxPrice },
        })
        const check = checkOf(filters, query)
        catalogue.forEach(({ item, deleted }, row) => {
          const expected = reference(item, deleted, { viewer, actions: known, ask })
          expect(reasonNames[check(row) - 1]).toBe(expected)
          if (expected) reached.add(expected)
        })
      }),
      { numRuns: 1000 },
    )
    // The property is only worth something if it reached every reason that a filter has.
    expect([...reached].sort()).toEqual(reasonNames.filter((name) => !name.endsWith('-cap')).sort())
  })

  it('stay right when two requests take turns', () => {
    const { state, histories } = emptyState()
    const filters = createFilters(state, histories, policy)
    const names = Array.from({ length: 40 }, (_, i) => `i${i}`)
    put(
      state,
      names.map((id) => ({ id })),
      [{ id: 'a' }, { id: 'b' }],
      names.flatMap((id, i) => [
        ...(i % 2 === 0 ? [event(i, 'watch', 'a', id)] : []),
        ...(i % 3 === 0 ? [event(100 + i, 'watch', 'b', id)] : []),
        ...(i % 5 === 0 ? [event(200 + i, 'report', 'b', id)] : []),
      ]),
    )
    const a = checkOf(filters, queryOf(state, 'a', { excluded: [1, 3] }))
    const b = checkOf(filters, queryOf(state, 'b', { excluded: [5, 7] }))
    const name = (code: number) => reasonNames[code - 1]
    for (let i = 0; i < 40; i++) {
      expect(name(a(i))).toBe([1, 3].includes(i) ? 'excluded' : i % 2 === 0 ? 'seen' : undefined)
      expect(name(b(i))).toBe(
        [5, 7].includes(i) ? 'excluded' : i % 5 === 0 ? 'dismissed' : i % 3 === 0 ? 'seen' : undefined,
      )
    }
  })

  it('look at the state as it is when asked, not as it was when prepared', () => {
    const { state, histories } = emptyState()
    const check = checkOf(createFilters(state, histories, policy), queryOf(state, undefined))
    put(state, [{ id: 'i0' }])
    expect(check(0)).toBe(0)
    for (let i = 1; i < 500; i++) put(state, [{ id: `i${i}`, hidden: i === 499 }]) // columns grow
    expect(reasonNames[check(499) - 1]).toBe('hidden')
    put(state, [{ id: 'i0', stock: 0 }])
    expect(reasonNames[check(0) - 1]).toBe('out-of-stock')
  })

  it('bar what carries a blocked flag even where flags share a bit', () => {
    const { state, histories } = emptyState()
    put(
      state,
      Array.from({ length: 40 }, (_, i) => ({ id: `i${i}`, flags: [`flag${i}`] })),
    )
    const late = createFilters(state, histories, { ...policy, blockedFlags: ['flag2', 'flag35'] })
    const check = checkOf(late, queryOf(state, undefined))
    const barred = Array.from({ length: 40 }, (_, i) => i).filter((i) => check(i) !== 0)
    expect(barred).toEqual([2, 31, 32, 33, 34, 35, 36, 37, 38, 39]) // the ones that share with flag35, too
  })
})
