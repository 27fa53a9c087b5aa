import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readArrays, writeArrays } from './arrays.ts'

let folder: string
beforeAll(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'arrays-'))
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

it('gives back what was written, whatever the length of the header', () => {
  for (let size = 0; size < 9; size++) {
    const path = join(folder, `size-${size}`)
    const written = {
      header: { note: 'é'.repeat(size), step: size },
      arrays: { weights: Float32Array.of(1, Number.NaN, -0), none: new Float32Array(0), more: Float32Array.of(size) },
    }
    writeArrays(path, written)
    expect(readArrays(path)).toEqual(written)
  }
  expect(() => readArrays(join(folder, 'missing'))).toThrow(/missing/)
})

it('knows a file that lacks a byte at any place or has another one', () => {
  const path = join(folder, 'damaged')
  writeArrays(path, { header: { step: 1 }, arrays: { weights: Float32Array.of(1, 2, 3) } })
  const whole = fs.readFileSync(path)
  for (let length = 0; length < whole.length; length += 3) {
    fs.writeFileSync(path, whole.subarray(0, length))
    expect(() => readArrays(path)).toThrow(expect.objectContaining({ code: 'ERR_EMBEDDINGS_INVALID' }))
  }
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole)
    changed[at] ^= 1
    fs.writeFileSync(path, changed)
    expect(() => readArrays(path)).toThrow(expect.objectContaining({ code: 'ERR_EMBEDDINGS_INVALID' }))
  }
})

it('says when it cannot be written, and leaves nothing', () => {
  const path = join(folder, 'taken')
  fs.mkdirSync(path) // a folder stands where the file is to go
  expect(() => writeArrays(path, { header: 2, arrays: {} })).toThrow(
    expect.objectContaining({ code: 'ERR_DISK_WRITE' }),
  )
  expect(fs.readdirSync(folder).filter((name) => name.startsWith('taken'))).toEqual(['taken'])
})
