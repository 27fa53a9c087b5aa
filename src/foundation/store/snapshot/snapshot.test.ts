import fc from 'fast-check'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Column, type Numbers, type Shelved } from '../../base/index.ts'
import { nodeDisk } from '../disk.ts'
import { openSnapshot, SnapshotRefused } from './read.ts'
import { draftSnapshot } from './write.ts'

const folder = fs.mkdtempSync(join(tmpdir(), 'sluice-snapshot-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))
const path = join(folder, 'state')

/** A part of given arrays. */
class Part implements Shelved {
  readonly arrays: Record<string, Numbers>
  names: readonly string[] = []
  constructor(arrays: Record<string, Numbers>) {
    this.arrays = arrays
  }
  shelve(shelf: Parameters<Shelved['shelve']>[0]): void {
    this.names = shelf.texts('names', this.names)
    for (const [name, held] of Object.entries(this.arrays)) this.arrays[name] = shelf.array(name, held)
  }
}

const bytesOf = (array: Numbers) => Buffer.from(array.buffer, array.byteOffset, array.byteLength)
async function keep(part: Shelved, about: unknown = null): Promise<void> {
  const draft = await draftSnapshot(path, part, about)
  await draft.commit()
}
function restored(part: Part): Part {
  const empty = new Part(
    Object.fromEntries(
      Object.entries(part.arrays).map(([name, { constructor: make }]) => [name, Reflect.construct(make, [0])]),
    ),
  )
  openSnapshot(path)?.restore(empty)
  return empty
}

const types = [Float64Array, Float32Array, Uint32Array, Int32Array, Uint16Array, Int16Array, Uint8Array, Int8Array]
const array = fc
  .record({
    type: fc.constantFrom(...types),
    length: fc.oneof(fc.nat(40), fc.nat(9000)),
    values: fc.array(fc.oneof(fc.double(), fc.integer()), { maxLength: 30 }),
    rest: fc.constantFrom(0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, 0xffffffff),
  })
  .map(({ type, length, values, rest }) => {
    const made = new type(length).fill(rest)
    values.slice(0, length).forEach((value, place) => {
      made[place] = value
    })
    return made
  })

describe('a snapshot', () => {
  it('gives back every array to the byte, NaN and capacity included, and what was said of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-z/]{1,9}$/), array, { maxKeys: 6 }), async (arrays) => {
        const part = new Part(arrays)
        part.names = Object.keys(arrays)
        await keep(part, { seq: 7 })
        const again = restored(part)
        expect(again.names).toEqual(part.names)
        for (const [name, held] of Object.entries(arrays)) {
          const back = again.arrays[name] as Numbers
          expect(back.constructor).toBe(held.constructor)
          expect(bytesOf(back).equals(bytesOf(held))).toBe(true)
        }
        expect(openSnapshot(path)?.about).toEqual({ seq: 7 })
      }),
      { numRuns: 60 },
    )
  })

  it('is small where arrays end in one value again and again', async () => {
    const column = new Column(Float32Array, { initial: Number.NaN, rows: 1_000_000 })
    column.array[5] = 1
    await keep(column)
    expect(fs.statSync(path).size).toBeLessThan(10_000)
    const again = new Column(Float32Array, { initial: Number.NaN, rows: 1 })
    openSnapshot(path)?.restore(again)
    expect([again.rows, again.array[5], again.array[999_999]]).toEqual([1_000_000, 1, Number.NaN])
  })

  it('is refused cut at any place and, with any byte changed, never taken for another', async () => {
    const part = new Part({ a: Uint8Array.from({ length: 99 }, (_, i) => i), b: Float64Array.of(1, Math.PI) })
    await keep(part, 'x')
    const whole = fs.readFileSync(path)
    for (let cut = 0; cut < whole.length; cut++) {
      fs.writeFileSync(path, whole.subarray(0, cut))
      expect(() => restored(part)).toThrow(SnapshotRefused)
    }
    let refused = 0
    for (let place = 0; place < whole.length; place++) {
      const damaged = Buffer.from(whole)
      damaged[place] = (damaged[place] as number) ^ 0x10
      fs.writeFileSync(path, damaged)
      try {
        const again = restored(part)
        for (const name of ['a', 'b'])
          expect(bytesOf(again.arrays[name] as Numbers)).toEqual(bytesOf(part.arrays[name] as Numbers))
      } catch (error) {
        expect(error).toBeInstanceOf(SnapshotRefused)
        refused++
      }
    }
    expect(whole.length - refused).toBeLessThan(16) // what lies between the parts of the file says nothing
  })

  it('is refused by a part that holds other arrays', async () => {
    await keep(new Part({ a: new Uint8Array(3) }))
    expect(() => restored(new Part({ a: new Uint16Array(3) }))).toThrow('holds no a as this version does')
    expect(() => restored(new Part({ b: new Uint8Array(3) }))).toThrow('holds no b as this version does')
    expect(() => restored(new Part({}))).toThrow('this version has no a')
  })

  it('stays what it was while the next one is written, and when that fails', async () => {
    await keep(new Part({ a: Uint8Array.of(1) }))
    const next = new Part({ a: Uint8Array.of(2) })
    const draft = await draftSnapshot(path, next, null)
    expect(restored(next).arrays['a']).toEqual(Uint8Array.of(1))
    await draft.discard()
    const full = { ...nodeDisk, write: () => Promise.reject(new Error('ENOSPC: no space left')) }
    await expect(draftSnapshot(path, next, null, full)).rejects.toMatchObject({ code: 'ERR_DISK_WRITE' })
    const lost = { ...nodeDisk, sync: () => Promise.reject(new Error('EIO: the disk is gone')) }
    await expect((await draftSnapshot(path, next, null, lost)).commit()).rejects.toMatchObject({
      code: 'ERR_DISK_WRITE',
    })
    expect(restored(next).arrays['a']).toEqual(Uint8Array.of(1))
    expect(fs.readdirSync(folder)).toEqual(['state'])
    await (await draftSnapshot(path, next, null)).commit()
    expect(restored(next).arrays['a']).toEqual(Uint8Array.of(2))
  })
})
