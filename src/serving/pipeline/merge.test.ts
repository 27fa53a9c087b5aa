import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candidates } from './candidates.ts'
import { merge } from './merge.ts'

const proposersOf = ({ sources, mask }: Candidates, index: number) =>
  sources.filter((_, s) => ((mask[index] as number) & (1 << s)) !== 0)

describe('merge', () => {
  it('equals reciprocal rank fusion by hand (k = 60), with every source kept', () => {
    // Lists [d1,d2,d3,d4] and [d3,d1,d5]: the worked example of the fusion reference.
    const merged = merge(
      ['a', 'b'],
      [
        { rows: [1, 2, 3, 4], scores: [9, 8, 7, 6] },
        { rows: [3, 1, 5], scores: [0.9, 0.7, 0.2] },
      ],
      [1, 1],
    )
    const scores = Object.fromEntries([...merged.rows].map((row, i) => [row, merged.retrievalScores[i]]))
    expect(scores[1]).toBeCloseTo(0.0325224749, 8)
    expect(scores[3]).toBeCloseTo(0.0322664585, 8)
    expect(scores[2]).toBeCloseTo(0.0161290323, 8)
    expect(scores[5]).toBeCloseTo(0.0158730159, 8)
    expect(scores[4]).toBeCloseTo(0.015625, 8)
    const three = [...merged.rows].indexOf(3)
    expect(proposersOf(merged, three)).toEqual(['a', 'b'])
    expect([...merged.sourceRanks.subarray(three * 2, three * 2 + 2)]).toEqual([3, 1])
    expect(merged.sourceScores[three * 2 + 1]).toBeCloseTo(0.9)
  })

  it('holds every proposed row once, whatever the lists', () => {
    const list = fc.uniqueArray(fc.nat(40), { maxLength: 30 }).map((rows) => ({ rows, scores: rows.map((_, i) => -i) }))
    fc.assert(
      fc.property(fc.array(fc.option(list, { nil: undefined }), { maxLength: 5 }), (lists) => {
        const names = lists.map((_, i) => `s${i}`)
        const merged = merge(
          names,
          lists,
          lists.map(() => 1),
        )
        const wanted = new Set(lists.flatMap((one) => one?.rows ?? []))
        expect(new Set(merged.rows)).toEqual(wanted)
        expect(merged.count).toBe(wanted.size)
        for (let i = 0; i < merged.count; i++) {
          const proposers = names.filter((_, s) => lists[s]?.rows.includes(merged.rows[i] as number))
          expect(proposersOf(merged, i)).toEqual(proposers)
        }
      }),
    )
  })
})
