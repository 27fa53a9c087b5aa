import { expect, it } from 'vitest'
import { completeConfig, planned, profileOf, shedByWorth } from '../index.ts'

const fast = (shedBy: 'list' | 'worth' = 'worth') => {
  const config = completeConfig({ budgets: { profile: '50ms' } })
  const profiles = { ...config.budgets.profiles, '50ms': { ...profileOf(config), shedBy } }
  return { ...config, budgets: { ...config.budgets, profiles } }
}
const never = ['pins', 'fresh']
/** Of ten sources; `slim`, `covisit` and `followed` bring least, if the two that are never shed are left out. */
const worths = {
  ...{ sequence: 3, 'two-tower': 2, slim: 0.1, covisit: 0.2, similar: 1, followed: 0.3, interests: 0.9 },
  ...{ trending: 0.8, popular: 0.7, pins: 0, fresh: 0 },
}
const shed = (config: ReturnType<typeof fast>) => profileOf(config).shed

it('sheds as many as are listed of those that were worth least', () => {
  const config = shedByWorth(fast(), worths, never)
  expect(shed(config)).toEqual(['covisit', 'followed', 'slim'])
  const home = planned(config).surfaces['home']?.sources ?? {}
  expect(Object.keys(home).sort()).toEqual([
    'fresh',
    'interests',
    'pins',
    'popular',
    'sequence',
    'similar',
    'trending',
    'two-tower',
  ])
})

it('keeps to the list when it is told to, when too little is known, and when nothing was clicked', () => {
  const listed = shed(fast())
  expect(listed).toHaveLength(3)
  expect(shed(shedByWorth(fast('list'), worths, never))).toEqual(listed)
  expect(shed(shedByWorth(fast(), { slim: 0.1, covisit: 0.2 }, never))).toEqual(listed)
  const nothing = Object.fromEntries(Object.keys(worths).map((name) => [name, 0]))
  expect(shed(shedByWorth(fast(), nothing, never))).toEqual(listed)
  const slow = completeConfig()
  expect(shedByWorth(slow, worths, never)).toBe(slow) // a profile that sheds nothing
})
