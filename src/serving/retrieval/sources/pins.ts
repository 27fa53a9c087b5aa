import type { Source } from '../../pipeline/index.ts'
import type { Ground } from './ground.ts'

/** Editorial pins of the configuration that hold for this surface, country and moment, the first one first. */
export function pins({ state, config }: Ground): Source {
  const { items } = state
  const pinned = config.pins.map((pin) => ({
    ...pin,
    country: pin.country?.toUpperCase(),
    from: pin.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(pin.from),
    until: pin.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(pin.until),
  }))
  return {
    name: 'pins',
    retrieve: ({ surface, viewer, at }, limit) => {
      const rows = pinned
        .filter((pin) => pin.surface === undefined || pin.surface === surface)
        .filter((pin) => pin.country === undefined || pin.country === viewer.from)
        .filter((pin) => at >= pin.from && at < pin.until)
        .map((pin) => items.ids.find(pin.item))
        .filter((row) => items.has(row))
      const distinct = [...new Set(rows)].slice(0, limit)
      return { rows: distinct, scores: distinct.map((_, i) => 1 / (i + 1)) }
    },
  }
}
