import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { catalogue, event, ground, slate } from './testing/ground.ts'
import { type Dataset, readSamples, SamplesFile, samplesDigest, samplesOf, writeSamples } from './index.ts'

const folder = fs.mkdtempSync(join(tmpdir(), 'sluice-samples-'))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'samples.bin')

const entries = [
  ...catalogue(3, 9),
  ...Array.from({ length: 12 }, (_, s) => [
    ...slate(`s${s}`, `u${s % 3}`, s * 10_000, ['i0', 'i1', 'i2', `i${3 + (s % 6)}`]),
    event('click', s * 10_000 + 5, { user: `u${s % 3}`, item: 'i1', slate: `s${s}` }),
  ]).flat(),
]
const served = () => ({ items: [{ item: 'i0', propensity: 0.25, explored: true }], runnersUp: [{ item: 'i8' }] })
const { dataset } = samplesOf(() => entries, ground(), { chunkImpressions: 15, keepOpen: true, served })
const content = (of: Dataset) => [...of].map((request) => ({ ...request, index: 0 }))
const refusal = (why: string) =>
  expect.objectContaining({ code: 'ERR_SAMPLES_FILE', message: expect.stringContaining(why) })

describe('a file of samples', () => {
  it('gives back what was written, with what was logged when it was served', () => {
    const { chunks, bytes } = writeSamples(path, dataset.header, dataset.chunks)
    expect(chunks).toBe(3)
    expect(fs.statSync(path).size).toBe(bytes)
    const again = readSamples(path)
    expect(again.header).toEqual(dataset.header)
    expect(content(again)).toEqual(content(dataset))
    expect(samplesDigest(again)).toBe(samplesDigest(dataset))
    again.request(0).labels[0]! += 1
    expect(samplesDigest(again)).not.toBe(samplesDigest(dataset))
    expect(again.request(11)).toMatchObject({ near: Uint32Array.of(8) })
    expect(again.request(3).propensities[0]).toBe(0.25)
    expect([...again.request(3).explored]).toEqual([1, 0, 0, 0])
  })

  it('is refused when it is cut anywhere or any byte is damaged', () => {
    writeSamples(path, dataset.header, dataset.chunks)
    const whole = fs.readFileSync(path)
    const torn = join(folder, 'torn.bin')
    for (let at = 0; at < whole.length; at += 97) {
      fs.writeFileSync(torn, whole.subarray(0, at))
      expect(() => readSamples(torn)).toThrow(refusal(''))
      const damaged = Buffer.from(whole)
      damaged[at]! ^= 0x10
      fs.writeFileSync(torn, damaged)
      expect(() => readSamples(torn)).toThrow(refusal(''))
    }
    expect(() => readSamples(join(folder, 'none.bin'))).toThrow(refusal('ENOENT'))
  })

  it('of another schema is refused by name', () => {
    writeSamples(path, { ...dataset.header, schema: 99 }, dataset.chunks)
    expect(() => new SamplesFile(path)).toThrow(refusal('schema 99'))
  })

  it('stays as it was when writing breaks off', () => {
    writeSamples(path, dataset.header, dataset.chunks)
    const before = fs.readFileSync(path)
    const broken = function* () {
      yield dataset.chunks[0]!
      throw new Error('the maker broke')
    }
    expect(() => writeSamples(path, dataset.header, broken())).toThrow('the maker broke')
    expect(fs.readFileSync(path).equals(before)).toBe(true)
    expect(fs.readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([])
  })

  it('is refused by a full disk with the reason', (context) => {
    const small = fs.mkdtempSync(join(tmpdir(), 'sluice-full-'))
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', small], { stdio: 'pipe' })
    } catch {
      console.log('skipped: cannot mount a small tmpfs')
      return context.skip()
    }
    try {
      const write = () => writeSamples(join(small, 's.bin'), dataset.header, Array(20).fill(dataset.chunks[0]))
      expect(write).toThrow(
        expect.objectContaining({ code: 'ERR_FILE_WRITE', message: expect.stringContaining('ENOSPC') }),
      )
      expect(fs.readdirSync(small)).toEqual([])
    } finally {
      execFileSync('umount', [small])
      fs.rmSync(small, { recursive: true })
    }
  })
})
