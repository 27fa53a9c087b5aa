import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'

let folder: string
beforeAll(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'checkpoint-'))
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

it('gives back what was written, whatever the length of the header', () => {
  for (let size = 0; size < 9; size++) {
    const path = join(folder, `size-${size}`)
    const checkpoint = {
      header: { note: 'é'.repeat(size), step: size },
      arrays: { weights: Float32Array.of(1, Number.NaN, -0), none: new Float32Array(0), more: Float32Array.of(size) },
    }
    writeCheckpoint(path, checkpoint)
    expect(readCheckpoint(path)).toEqual(checkpoint)
  }
  expect(readCheckpoint(join(folder, 'missing'))).toBeUndefined()
})

it('knows a file that lacks a byte at any place or has another one', () => {
  const path = join(folder, 'damaged')
  writeCheckpoint(path, { header: { step: 1 }, arrays: { weights: Float32Array.of(1, 2, 3) } })
  const whole = fs.readFileSync(path)
  for (let length = 0; length < whole.length; length += 3) {
    fs.writeFileSync(path, whole.subarray(0, length))
    expect(() => readCheckpoint(path)).toThrow(/damaged/)
  }
  const changed = Buffer.from(whole)
  changed[whole.length - 40] ^= 1
  fs.writeFileSync(path, changed)
  expect(() => readCheckpoint(path)).toThrow(/damaged/)
})

it('leaves the old one when writing the new one fails', () => {
  const path = join(folder, 'kept')
  writeCheckpoint(path, { header: 1, arrays: {} })
  fs.mkdirSync(`${path}.new`) // what cannot be opened as a file
  expect(() => writeCheckpoint(path, { header: 2, arrays: {} })).toThrow()
  expect(readCheckpoint(path)?.header).toBe(1)
})
