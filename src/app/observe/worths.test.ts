import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { keepWorths, readWorths } from './worths.ts'

it('remembers what sources were worth that are not asked any more, and nothing of a damaged file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-worths-'))
  const path = join(folder, 'cache', 'worths.json')
  expect(readWorths(path)).toEqual({})
  keepWorths(path, {})
  keepWorths(path, { slim: 2, similar: 0.5 })
  keepWorths(path, { slim: 3 })
  expect(readWorths(path)).toEqual({ slim: 3, similar: 0.5 })
  writeFileSync(path, '{"slim": -1, "similar": "much", "popular": 1}')
  expect(readWorths(path)).toEqual({ popular: 1 })
  writeFileSync(path, '{"slim": 1')
  expect(readWorths(path)).toEqual({})
  rmSync(folder, { recursive: true })
})
