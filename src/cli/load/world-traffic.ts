import type { EventInput, SlateRequest } from '../../domain/index.ts'
import { Random } from '../../foundation/base/index.ts'
import { type Ask, createWorld, topicNames, type WorldOptions } from '../../world/index.ts'
import { count } from '../figures.ts'
import type { Traffic } from './traffic.ts'

/** Asks looked at for one of the wished surface; the others wait, and are bent to it when there is none. */
const WAITING_MAX = 256
/** Events that wait to be told; beyond, the oldest are forgotten. */
const UNTOLD_MAX = 50_000
/** Latest items opened, for asks of `next` that follow nothing. */
const OPENED = 512

/**
 * The users of a simulated platform as load: who asks is whose turn it is, and what they do with a slate is what they
 * would do. The surfaces come in the parts of the mix, not of the world: an ask is bent when nobody wants that surface.
 */
export function worldTraffic(options: WorldOptions, seed: string, run: string): Traffic {
  const world = createWorld(options)
  const live = world.live({ seed, run })
  const random = new Random(`${seed} bends`)
  const waiting: Ask[] = []
  const underWay = new Map<string, Ask>()
  const untold: EventInput[] = []
  const opened: string[] = []
  let strangers = 0
  let filler = 0
  let lost = 0

  /** Somebody who asks for the surface; none while all users have a request under way. */
  const take = (surface: string): Ask | undefined => {
    const place = waiting.findIndex((ask) => ask.surface === surface)
    if (place >= 0) return waiting.splice(place, 1)[0]
    for (let ask = live.take(Number.POSITIVE_INFINITY); ask; ask = live.take(Number.POSITIVE_INFINITY)) {
      if (ask.surface === surface) return ask
      waiting.push(ask)
      if (waiting.length > WAITING_MAX) break
    }
    return waiting.shift()
  }
  const somethingOpened = () => (opened.length > 0 ? random.pick(opened) : world.itemId(random.int(world.sizes.items)))
  const wordOf = () => random.pick(topicNames)

  return {
    as: `${count(world.sizes.users)} users of the simulated platform over ${count(world.sizes.items)} items`,
    request(surface) {
      const ask = take(surface)
      const wish: SlateRequest = ask
        ? { surface, user: ask.user, session: ask.session }
        : { surface, session: `stranger-${run}-${strangers++}` }
      if (surface === 'search') wish.query = ask?.query ?? wordOf()
      else if (surface !== 'home' && surface !== 'continue') wish.item = ask?.item ?? somethingOpened()
      if (ask) underWay.set(ask.user, ask)
      return wish
    },
    answered({ user, surface }, slate) {
      const ask = user === undefined ? undefined : underWay.get(user)
      if (!ask) return
      underWay.delete(ask.user)
      const { events } = live.react(ask, slate ?? { slate: `lost-${run}-${lost++}`, surface, items: [] }, ask.at)
      for (const event of events) {
        if (event.kind === 'click' && event.item !== undefined) {
          if (opened.length < OPENED) opened.push(event.item)
          else opened[random.int(OPENED)] = event.item
        }
        untold.push(event)
      }
      if (untold.length > UNTOLD_MAX) untold.splice(0, untold.length - UNTOLD_MAX)
    },
    events(wanted, at) {
      const told = untold.splice(0, wanted).map((event) => ({ ...event, at }))
      // A rate above what the slates lead to: impressions elsewhere.
      while (told.length < wanted) {
        const user = world.userId(random.int(world.sizes.users))
        told.push({ id: `load-${run}-${filler++}`, kind: 'impression', user, item: somethingOpened(), at })
      }
      return told
    },
  }
}
