import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderOf, importAll } from './testing/imported.ts'

const now = Date.UTC(2024, 4, 1, 17, 30)
const midnight = Date.UTC(2024, 4, 1)

describe('the sequences importer', () => {
  it('makes up times a minute apart that end at the start of the day', async () => {
    const folder = await folderOf({ 'my.sequences.txt': 'u1\ta b a\r\nu2 b\nu3,c,d\n\nlonely\nu1 e\n' })
    const all = await importAll('sequences', folder, { now })
    expect(all.bare).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(all.events.map(({ user, item, at }) => [user, item, ((at as number) - midnight) / 60_000])).toEqual([
      ['u1', 'a', -3],
      ['u1', 'b', -2],
      ['u1', 'a', -1],
      ['u3', 'c', -1],
      ['u2', 'b', 0],
      ['u3', 'd', 0],
      ['u1', 'e', 0],
    ])
    expect(all.rejects).toEqual([
      { code: 'ERR_ROW_SHAPE', message: 'my.sequences.txt line 5: has a user and no items' },
    ])
    expect(all.rows).toBe(8)
    expect(new Set(all.events.map(({ id }) => id)).size).toBe(7)
  })

  it('gives the same ids on another day', async () => {
    const path = join(await folderOf({ 'any.txt': 'u1 a b\n' }), 'any.txt')
    const [today, later] = [
      await importAll('sequences', path, { now }),
      await importAll('sequences', path, { now: now + 9e8 }),
    ]
    expect(later.events.map(({ id }) => id)).toEqual(today.events.map(({ id }) => id))
    expect(await importAll('sequences', path, { now: now + 1000 })).toEqual(today)
  })

  it('wants a file', async () => {
    await expect(importAll('sequences', await folderOf({ 'a.md': '' }))).rejects.toMatchObject({
      code: 'ERR_IMPORT_PATH',
    })
  })
})
