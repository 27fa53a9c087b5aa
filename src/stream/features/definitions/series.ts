import { Column, PairTable } from '../../../foundation/base/index.ts'
import { type DefinitionMaker, ranges } from '../definition.ts'

/** Pairs of user and series held; about 30 bytes each. Beyond, series that are new to a user are not followed. */
const PAIRS_MAX = 4_000_000
const NONE = 0xffff_ffff

/** Items say so by two attributes: `series` (a text) and `episode` (a number, from 1). */
export const series: DefinitionMaker = ({ state: { items } }) => {
  const seriesOf = new Column(Uint32Array, { initial: NONE })
  const episodeOf = new Column(Float32Array)
  const pairs = new PairTable()
  const counts = new Column(Uint32Array) // pairs held per user
  const furthest = new Column(Float32Array) // by slot of the pair

  return {
    name: 'series',
    entity: 'user x series',
    dims: ['series.next', 'series.early', 'series.begun'],
    range: [ranges.share, ranges.log, ranges.share],
    say: 'Of items with the attributes series and episode: 1 when the item is the episode right after the furthest one that the viewer consumed; log(1 + episodes of the series that come before it and after that one); 1 when the viewer consumed any of the series. 0 for all others.',
    projection: {
      name: 'series',
      shelve(shelf) {
        shelf.part('series', seriesOf)
        shelf.part('episodes', episodeOf)
        shelf.part('pairs', pairs)
        shelf.part('counts', counts)
        shelf.part('furthest', furthest)
      },
      itemChanged(row, alive) {
        seriesOf.ensure(row)
        episodeOf.ensure(row)
        const word = alive ? items.attributes.reader('series', '')(row) : Number.NaN
        const episode = alive ? items.attributes.reader('episode', 0)(row) : Number.NaN
        const known = word >= 0 && episode >= 0
        seriesOf.array[row] = known ? word : NONE
        episodeOf.array[row] = known ? episode : 0
      },
      apply({ user, item, consumes, strength }) {
        if (user < 0 || item < 0 || !consumes || !(strength > 0)) return
        const one = item < seriesOf.rows ? seriesOf.array[item] : NONE
        if (one === NONE) return
        const known = pairs.find(user, one)
        if (known < 0 && pairs.size >= PAIRS_MAX) return
        const slot = known < 0 ? pairs.slot(user, one) : known
        furthest.ensure(slot)
        if (known < 0) {
          counts.ensure(user)
          counts.array[user]++
          furthest.array[slot] = 0
        }
        furthest.array[slot] = Math.max(furthest.array[slot], episodeOf.array[item])
      },
      forget(user) {
        if (user >= counts.rows || counts.array[user] === 0) return
        const held: number[] = []
        pairs.each((first, second) => {
          if (first === user) held.push(second)
        })
        for (const one of held) pairs.remove(user, one)
        counts.array[user] = 0
      },
    },
    fill({ user }, rows, out, stride, offset) {
      const follower = user >= 0 && user < counts.rows && counts.array[user] > 0
      for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
        const one = rows[i] < seriesOf.rows ? seriesOf.array[rows[i]] : NONE
        const slot = follower && one !== NONE ? pairs.find(user, one) : -1
        const ahead = one === NONE ? 0 : episodeOf.array[rows[i]] - (slot < 0 ? 0 : furthest.array[slot])
        out[to] = slot >= 0 && ahead === 1 ? 1 : 0
        out[to + 1] = ahead > 1 ? Math.min(ranges.log[1], Math.log(ahead)) : 0
        out[to + 2] = slot >= 0 ? 1 : 0
      }
    },
  }
}
