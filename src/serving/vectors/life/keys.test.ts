import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Random } from '../../../foundation/base/index.ts'
import { type KeyedRows, matchKeys, readKeys, saveKeys } from './keys.ts'

const keyed = (pairs: readonly (readonly [row: number, key: number])[]): KeyedRows => ({
  rows: Uint32Array.from(pairs, ([row]) => row),
  keys: Uint32Array.from(pairs.flatMap(([, key]) => [key, key * 7])),
})

it('finds whose vectors are whose: in the same row, in another one, changed, gone, new', () => {
  const kept = keyed([
    [0, 100],
    [1, 101],
    [2, 102],
    [5, 105],
    [7, 107],
  ])
  const living = keyed([
    [0, 100], // as it was
    [1, 205], // changed
    [3, 102], // numbered anew
    [5, 107], // two have changed places
    [7, 105],
    [9, 209], // new
  ])
  // By hand: row 0 stays, 1 has no heir, 2 is 3 now, 5 and 7 have changed places; -1 for rows that held nothing.
  expect([...matchKeys(kept, living)]).toEqual([0, -1, 3, -1, -1, 7, -1, 5])
})

it('gives each row once where two are alike, and is a match one by one for a catalogue that was shuffled', () => {
  const twins = keyed([
    [0, 4],
    [1, 4],
  ])
  expect([...matchKeys(twins, keyed([[6, 4]]))]).toEqual([6, -1])
  const random = new Random('keys')
  const count = 5000
  const heirs = random.shuffle(Array.from({ length: count }, (_, i) => i))
  const rowOf = matchKeys(keyed(heirs.map((_, i) => [i, i + 1])), keyed(heirs.map((heir, i) => [heir, i + 1])))
  expect([...rowOf]).toEqual(heirs)
})

it('comes back from its file, and refuses one that was cut short', () => {
  const folder = mkdtempSync(join(tmpdir(), 'index-keys-'))
  const path = join(folder, 'keys.bin')
  const all = keyed([
    [3, 30],
    [4, 40],
  ])
  saveKeys(path, '000001', all)
  expect(readKeys(path)).toEqual(all)
  truncateSync(path, 100)
  expect(() => readKeys(path)).toThrow(/it has 100 of [0-9]+ bytes/)
  rmSync(folder, { recursive: true })
})
