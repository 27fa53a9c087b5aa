import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Random } from '../../../foundation/base/index.ts'
import { Batch } from './batch.ts'
import { pack, packEpoch } from './packing.ts'
import { leaveOneOut } from '../../../stream/samples/index.ts'
import { historiesOf, someOf, testCases, validationCases } from './sequences.ts'

const worlds = fc.record({
  sizes: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 30 }),
  validation: fc.boolean(),
  length: fc.integer({ min: 1, max: 15 }),
  rows: fc.integer({ min: 1, max: 4 }),
  seed: fc.integer(),
})

it('an epoch teaches every item after the first of each history once, and nothing that is held out', () => {
  fc.assert(
    fc.property(worlds, ({ sizes, validation, length, rows, seed }) => {
      let item = 0 // every item of the world is another one, so that a pair names its place
      const items = Math.max(
        1,
        sizes.reduce((sum, size) => sum + size, 0),
      )
      const lists = sizes.map((size) => Array.from({ length: size }, () => item++))
      const histories = historiesOf(lists, items)
      const split = leaveOneOut(histories, { validation })
      const epoch = packEpoch(histories, split, length, new Random(seed))
      const batch = new Batch(rows, length, 4)
      const learnt: string[] = []
      for (let first = 0; first < epoch.ends.length; first += rows) {
        batch.fill(histories, epoch, first)
        for (let place = 0; place < rows * length; place++) {
          if (batch.weights[place] === 0) continue
          learnt.push(`${batch.items[place]} ${batch.next[place]}`)
          const sameWindow = place % length > 0 && batch.segments[place] === batch.segments[place - 1]
          expect(batch.positions[place]).toBe(sameWindow ? batch.positions[place - 1] + 1 : 0)
          if (sameWindow) expect(batch.items[place]).toBe(batch.next[place - 1])
        }
      }
      const wanted = lists.flatMap((list) => {
        const held = list.length < 2 ? 0 : validation && list.length >= 3 ? 2 : 1
        return list.slice(0, Math.max(0, list.length - held - 1)).map((at) => `${at} ${at + 1}`)
      })
      expect(learnt.sort()).toEqual(wanted.sort())
    }),
  )
})

it('rows hold what fits, and few places stay empty', () => {
  const random = new Random('packing')
  const lengths = Array.from({ length: 5000 }, () => 1 + Math.floor(200 * random.next() ** 3))
  const rows = pack(lengths, lengths.keys(), 200)
  const used = rows.map((row) => row.reduce((sum, w) => sum + lengths[w], 0))
  expect(Math.max(...used)).toBeLessThanOrEqual(200)
  expect(rows.flat().sort((a, b) => a - b)).toEqual([...lengths.keys()])
  expect(lengths.reduce((sum, n) => sum + n, 0) / (rows.length * 200)).toBeGreaterThan(0.95)
})

it('cuts a long history elsewhere in each epoch, and equally for equal seeds', () => {
  const histories = historiesOf([Array.from({ length: 100 }, (_, i) => i)], 100)
  const split = leaveOneOut(histories)
  const starts = (seed: string) => [...packEpoch(histories, split, 10, new Random(seed)).starts].sort((a, b) => a - b)
  expect(starts('a')).toEqual(starts('a'))
  expect(starts('a')[1] % 10).not.toBe(starts('b')[1] % 10)
})

it('asks for the held items of those who have something before them, and for the same sample of them', () => {
  const histories = historiesOf([[1, 2], [3, 4, 5], [], [6, 7, 8, 9]], 10)
  const split = leaveOneOut(histories)
  const asked = (cases: typeof testCases) =>
    Array.from(cases(histories, split).targets, (at, i) => [
      [...histories.item.slice(cases(histories, split).starts[i], at)],
      histories.item[at],
    ])
  expect(asked(testCases)).toEqual([
    [[1], 2],
    [[3, 4], 5],
    [[6, 7, 8], 9],
  ])
  expect(asked(validationCases)).toEqual([
    [[3], 4],
    [[6, 7], 8],
  ])
  const many = { starts: Uint32Array.from({ length: 10 }, (_, i) => i), targets: new Uint32Array(10) }
  expect([...someOf(many, 4).starts]).toEqual([0, 2, 5, 7])
  expect(() => historiesOf([[1, 10]], 10)).toThrow(/row 10 of a catalogue of 10/)
})
