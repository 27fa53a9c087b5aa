import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { inPortions, inTurns, PORTION } from './portions.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

/** Keeps the thread busy, as judging and applying do. */
function busy(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

it('works through all of a batch in order, and says where each portion begins', async () => {
  const seen: number[] = []
  const starts = await inPortions(numbers(3 * PORTION + 7), 16, async (portion, from) => {
    seen.push(...portion)
    return from
  })
  expect(seen).toEqual(numbers(3 * PORTION + 7))
  expect(starts).toEqual([0, PORTION, 2 * PORTION, 3 * PORTION])
})

it('gives others their turn while a batch is worked on', async () => {
  let turns = 0
  let over = false
  const others = (async () => {
    for (; !over; turns++) await turn()
  })()
  await inPortions(numbers(20 * PORTION), 16, async () => busy(3))
  over = true
  await others
  expect(turns).toBeGreaterThanOrEqual(19)
})

it('gives others their turn between steps that take long, and none where there is no need', async () => {
  let turns = 0
  const counted = async (steps: Iterable<unknown>) => {
    turns = 0
    let over = false
    const others = (async () => {
      for (; !over; turns++) await turn()
    })()
    await inTurns(steps)
    over = true
    await others
    return turns
  }
  function* slow() {
    for (let i = 0; i < 10; i++) yield busy(3)
  }
  expect(await counted(slow())).toBeGreaterThanOrEqual(10)
  expect(await counted([1, 2, 3])).toBeLessThanOrEqual(1)
})

it('begins no further portion once one has failed, waits for those under way, and throws its error', async () => {
  const begun: number[] = []
  let ended = 0
  const work = async (_: readonly number[], from: number) => {
    begun.push(from)
    await turn()
    if (from === PORTION) throw new Error('the disk is full')
    await turn()
    ended++
  }
  await expect(inPortions(numbers(1000 * PORTION), 16, work)).rejects.toThrow('the disk is full')
  expect(begun.length).toBeLessThan(40)
  expect(ended).toBe(begun.length - 1)
})

it('lets no more than some portions of a batch wait at once', async () => {
  let under = 0
  let most = 0
  await inPortions(numbers(100 * PORTION), 5, async () => {
    most = Math.max(most, ++under)
    await turn()
    under--
  })
  expect(most).toBe(5)
})

it('keeps its share where the turns of others are long', async () => {
  let turns = 0
  let over = false
  const others = (async () => {
    for (; !over; turns++) {
      busy(20)
      await turn()
    }
  })()
  function* steps() {
    for (let i = 0; i < 100; i++) yield busy(1)
  }
  await inTurns(steps())
  over = true
  await others
  // A hundred milliseconds of work, ten in a turn; two in a turn would be fifty turns.
  expect(turns).toBeLessThan(25)
})
