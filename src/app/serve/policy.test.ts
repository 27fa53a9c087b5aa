import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { completeConfig, type ConfigInput, type SlateRequest } from '../../domain/index.ts'
import { manualClock } from '../../foundation/base/index.ts'
import { createEngine } from '../create-engine.ts'
import type { Engine } from '../engine.ts'

const NOW = Date.UTC(2026, 0, 2)
let data = ''
let engine: Engine
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'sluice-policy-'))
})
afterEach(async () => {
  await engine.close()
  rmSync(data, { recursive: true, force: true })
})

async function opened(config: ConfigInput = {}): Promise<void> {
  engine = createEngine({ data, config: completeConfig(config), clock: manualClock(NOW) })
  await engine.open()
}

async function shown(request: Partial<SlateRequest>): Promise<string[]> {
  const { items } = await engine.slate({ surface: 'home', ...request })
  return items.map(({ item }) => item).sort()
}

describe('what a viewer waved away or reported', () => {
  const catalogue = ['i0', 'i1', 'i2', 'i3'].map((id) => ({ id }))
  const dismissed = { kind: 'report', user: 'u1', item: 'i3', at: NOW - 1000 }

  it('is not shown again to one who did nothing else', async () => {
    await opened()
    await engine.putItems(catalogue)
    await engine.events([{ id: 'e1', ...dismissed }])
    expect(await shown({ user: 'u1' })).toEqual(['i0', 'i1', 'i2'])
    expect(await shown({ user: 'u2' })).toEqual(['i0', 'i1', 'i2', 'i3'])
  })

  it('nor to one whose only item it was', async () => {
    await opened()
    await engine.putItems(catalogue)
    await engine.events([
      { id: 'e0', kind: 'click', user: 'u1', item: 'i3', at: NOW - 2000 },
      { id: 'e1', ...dismissed },
    ])
    expect(await shown({ user: 'u1' })).toEqual(['i0', 'i1', 'i2'])
  })
})

describe('a country that the catalogue never names', () => {
  const catalogue = [{ id: 'anywhere' }, { id: 'german', countries: ['DE'] }, { id: 'barred', notCountries: ['DE'] }]

  it.each([true, false])(
    'is a known one: what is made for another is kept from it (countryUnknown: %s)',
    async (countryUnknown) => {
      await opened({ policy: { countryUnknown } })
      await engine.putItems(catalogue)
      expect(await shown({ context: { country: 'is' } })).toEqual(['anywhere', 'barred'])
      expect(await shown({})).toEqual(countryUnknown ? ['anywhere', 'barred', 'german'] : ['anywhere'])
      expect(await shown({ context: { country: 'is' } })).toEqual(['anywhere', 'barred']) // scores kept of one are not those of the other
    },
  )

  it('has its pins', async () => {
    await opened({ retrieval: { pins: [{ item: 'barred', country: 'IS' }] }, surfaces: { home: { pinSlots: [0] } } })
    await engine.putItems(catalogue)
    const pinsOf = async (country: string) =>
      (await engine.slate({ surface: 'home', context: { country } })).items.flatMap(({ item, sources }) =>
        sources.includes('pins') ? [item] : [],
      )
    expect(await pinsOf('IS')).toEqual(['barred'])
    expect(await pinsOf('FR')).toEqual([])
  })
})

it('holds for similar items, as for a slate of a stranger', async () => {
  await opened()
  const like = { categories: ['jazz'], creator: 'c', title: 'Jazz guitar evening' }
  const barred = {
    hidden: { hidden: true },
    flagged: { flags: ['blocked'] },
    later: { published: NOW + 1000 },
    gone: { expires: NOW },
    sold: { stock: 0 },
    adult: { ageRating: 18 },
    german: { countries: ['DE'] },
  }
  const items = Object.entries(barred).map(([id, why]) => ({ id, ...like, ...why }))
  await engine.putItems([{ id: 'a', ...like }, { id: 'b', ...like }, ...items])
  expect(engine.similar('a', 20).map(({ item }) => item)).toEqual(['b'])
  expect(await shown({ surface: 'next', item: 'a' })).toEqual(['b'])
})
