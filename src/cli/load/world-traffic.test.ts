import { expect, it } from 'vitest'
import { parseEvent, parseSlateRequest } from '../../domain/index.ts'
import { Random } from '../../foundation/base/index.ts'
import { createWorld } from '../../world/index.ts'
import { slate } from '../testing/engine.ts'
import { drawSurface, parseMix } from './mix.ts'
import { worldTraffic } from './world-traffic.ts'

const size = { seed: 'traffic', users: 100, items: 200, days: 5 }
const mix = parseMix('home:80,next:200,search:40')

it('asks on the surfaces of the mix, one request a user, and tells what users do with what they got', () => {
  const world = createWorld(size)
  const traffic = worldTraffic(size, 's', 'r')
  const random = new Random('mix')
  const told = new Map<string, { user?: string; item?: string; slate?: string }>()
  for (let round = 0; round < 400; round++) {
    const surface = drawSurface(mix, random)
    const request = traffic.request(surface)
    expect(parseSlateRequest(request)).toMatchObject({ ok: true, value: { surface } })
    expect(world.userRow(request.user ?? '')).toBeGreaterThanOrEqual(0)
    if (surface === 'next') expect(world.itemRow(request.item ?? '')).toBeGreaterThanOrEqual(0)
    if (surface === 'search') expect(request.query).toMatch(/^\w/)
    const items = [0, 1, 2, 3].map((n) => ({
      ...slate.items[0],
      item: world.itemId((round * 7 + n * 31) % 200),
      position: n,
    }))
    traffic.answered(request, round % 10 === 0 ? undefined : { ...slate, slate: `s${round}`, surface, items })
    for (const event of traffic.events(6, 1000 + round)) {
      expect(parseEvent(event)).toMatchObject({ ok: true })
      expect(event.at).toBe(1000 + round)
      expect(told.has(`${event.id}`)).toBe(false)
      told.set(`${event.id}`, event)
    }
  }
  expect(told.size).toBe(2400)
  const aboutSlates = [...told.values()].filter(({ slate: about }) => about !== undefined)
  expect(aboutSlates.length).toBeGreaterThan(800)
})

it('has strangers ask when every user waits for an answer, and is the same for the same seed', () => {
  const ask = () => {
    const traffic = worldTraffic(size, 's', 'r')
    return Array.from({ length: 150 }, () => traffic.request('home'))
  }
  const asked = ask()
  const users = asked.flatMap(({ user }) => user ?? [])
  expect(new Set(users).size).toBe(users.length)
  expect(users.length).toBe(100)
  expect(asked[149]).toMatchObject({ session: expect.stringMatching(/^stranger-/) })
  expect(ask()).toEqual(asked)
})
