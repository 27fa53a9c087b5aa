import { expect, it } from 'vitest'
import { DAY } from '../../../foundation/base/index.ts'
import { sequencesFrom } from '../../../stream/samples/index.ts'
import { days } from '../days.ts'
import { thereAt, timesOf } from './times.ts'

const NOW = Date.UTC(2025, 5, 1)
const day = (n: number) => NOW + n * DAY
/** Of each user the last item is held: user 0 has items 0, 1, 2 on days 1, 3, 8; user 1 has 1, 3 on days 2, 9. */
const sequences = sequencesFrom([0, 0, 0, 1, 1], [0, 1, 2, 1, 3], [1, 3, 8, 2, 9].map(day))
const learnt = Uint32Array.of(2, 4)
const times = (published: readonly number[]) => timesOf(sequences, learnt, (row) => published[row] as number)

it('has an item there since it came out, or since it was first consumed', () => {
  const found = times([day(-5), day(2.5), day(6), day(7)])
  // Item 1 was consumed before its date; what is held only is learnt nowhere, so it is told from nowhere apart.
  expect([...(found?.since ?? [])]).toEqual(
    [days(day(-5)), days(day(2)), Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY].map(Math.fround),
  )
  expect([...(found?.at ?? [])]).toEqual([1, 3, 8, 2, 9].map((n) => Math.fround(days(day(n)))))
  expect([0, 1, 2].map(thereAt(found, 0))).toEqual([true, false, true])
  expect([0, 1, 2].map(thereAt(found, 3))).toEqual([true, true, true])
})

it('is nothing where no date is known, or all came out before', () => {
  expect(times([Number.NaN, Number.NaN, Number.NaN, Number.NaN])).toBeUndefined()
  expect(times([day(1), day(-1), day(6), day(7)])).toBeUndefined()
  expect(thereAt(undefined, 0)(1)).toBe(true)
})

it('never has an item come out after a moment at which it was consumed, however times are rounded', () => {
  const n = 300
  const at = Float64Array.from({ length: n }, (_, i) => NOW + i * 1001.37)
  const rows = Uint32Array.from({ length: n }, (_, i) => i)
  const all = sequencesFrom(new Uint32Array(n), rows, at)
  const found = timesOf(all, Uint32Array.of(n), (row) => at[row] as number)
  for (const place of rows) expect(thereAt(found, place)(all.item[place] as number)).toBe(true)
})
