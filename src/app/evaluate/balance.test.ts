import { expect, it } from 'vitest'
import { completeConfig, Kinds } from '../../domain/index.ts'
import { Deadline, Random, systemClock } from '../../foundation/base/index.ts'
import type { Entry } from '../../stream/events/index.ts'
import { hydrate } from '../serve/hydrate.ts'
import { balanceOf } from './balance.ts'

const DAY = 86_400_000
const USERS = 60
const ITEMS = 240

/**
 * Three items a user and day. Where taste rules, users keep to their own twelfth of the catalogue; where fashion rules,
 * everybody takes from the same sixty, of which four are new each day and four are gone.
 */
function* history(rule: 'taste' | 'fashion'): Generator<Entry> {
  const random = new Random(rule)
  let seq = 0
  for (let i = 0; i < ITEMS; i++) yield { type: 'item', item: { id: `i${i}` }, at: 0, seq: seq++ } as Entry
  for (let day = 0; day < 20; day++) {
    for (let user = 0; user < USERS; user++) {
      for (let n = 0; n < 3; n++) {
        const item = rule === 'taste' ? (user % 12) * 20 + random.int(20) : day * 4 + random.int(60)
        const at = DAY * (1 + day) + user * 1000 + n
        const event = { id: `e${seq}`, kind: 'click', user: `u${user}`, item: `i${item}`, at, receivedAt: at }
        yield { type: 'event', event, seq: seq++ } as Entry
      }
    }
  }
}

const balanceUnder = (rule: 'taste' | 'fashion') => {
  const config = completeConfig()
  return balanceOf({
    ...{ config, surface: 'home', kinds: new Kinds(config.events.kinds), knownShare: 0.9 },
    usersMax: 30,
    entries: () => history(rule),
    ask: (parts, user, at) => ({
      ...hydrate(parts, { surface: 'home', user, limit: 20, at, seed: user }, 0),
      deadline: new Deadline(systemClock, 60_000),
    }),
  })
}

it('weighs what is popular less where tastes rule than where fashion does', async () => {
  const taste = await balanceUnder('taste')
  const fashion = await balanceUnder('fashion')
  if (!taste || !fashion) throw new Error('nobody was judged')
  expect(taste.users).toBe(30)
  expect(fashion.weight).toBeGreaterThan(taste.weight)
  const by = (weights: typeof taste.tried) => weights.map(({ ndcg }) => ndcg)
  expect(by(taste.tried).at(-1)).toBeLessThan(0.7 * Math.max(...by(taste.tried))) // too much of it costs dearly
  expect(Math.max(...by(taste.tried))).toBe(taste.tried.find(({ weight }) => weight === taste.weight)?.ndcg)
})

it('says nothing where nobody can be judged', async () => {
  const config = completeConfig()
  const none = await balanceOf({
    ...{ config, surface: 'home', kinds: new Kinds(config.events.kinds), knownShare: 0.9, usersMax: 10 },
    entries: () => [],
    ask: () => {
      throw new Error('nobody is there')
    },
  })
  expect(none).toBeUndefined()
})
