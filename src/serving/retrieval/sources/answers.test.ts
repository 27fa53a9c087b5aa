import { describe, expect, it } from 'vitest'
import { defaultSurfaces } from '../../../domain/index.ts'
import type { LexicalIndex } from '../../search/index.ts'
import { Searches } from './answers.ts'

/** An index that finds the rows 0, 1, 2, ... and counts how often it is asked; `version` is set by the test. */
function counting() {
  const asked: number[] = []
  const index = {
    version: 1,
    search: (_: string, limit: number) => {
      asked.push(limit)
      const rows = Uint32Array.from({ length: Math.min(limit, 4000) }, (__, i) => i)
      return { rows, scores: Float32Array.from(rows, (row) => -row) }
    },
  }
  return { index, asked, searches: new Searches(index as unknown as LexicalIndex, { listRefreshMs: 1000 }) }
}

describe('Searches', () => {
  it('asks the index once for one text, whatever the limits', () => {
    const { searches, asked } = counting()
    expect(Array.from(searches.find('tea', 3, 0).rows)).toEqual([0, 1, 2])
    expect(searches.find('tea', 300, 500).rows.length).toBe(300)
    expect(asked.length).toBe(1)
    searches.find('coffee', 3, 0)
    expect(asked.length).toBe(2)
  })

  it('keeps as much as the surfaces ask for', () => {
    const { searches, asked } = counting()
    const limits = Object.values(defaultSurfaces).map(({ sources }) =>
      'lexical' in sources ? sources.lexical.limit : 0,
    )
    expect(Math.max(...limits)).toBeGreaterThan(0)
    for (const limit of limits) for (let turn = 0; turn < 2; turn++) searches.find('tea', limit, 0)
    expect(asked.length).toBe(1)
  })

  it('asks again when the catalogue has changed and a refresh has gone by', () => {
    const { searches, asked, index } = counting()
    searches.find('tea', 3, 0)
    index.version++
    searches.find('tea', 3, 999)
    expect(asked.length).toBe(1)
    searches.find('tea', 3, 1000)
    expect(asked.length).toBe(2)
  })

  it('asks directly for more than it keeps', () => {
    const { searches, asked } = counting()
    expect(searches.find('tea', 3500, 0).rows.length).toBe(3500)
    expect(asked).toEqual([3500])
  })
})
