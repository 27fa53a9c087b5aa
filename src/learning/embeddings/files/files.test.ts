import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY, Random, SluiceError } from '../../../foundation/base/index.ts'
import { DenseVector } from '../dense/vector.ts'
import { EmbeddingTable, type TableOptions } from '../table.ts'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { applyDelta, deltaSince, openDelta, supersede } from './delta.ts'
import { encodeDense, restoreDense } from './dense.ts'
import { bytesSource, joined } from './frame.ts'
import { revertTo } from '../revert.ts'
import { readSnapshot, snapshotCopy, snapshotOf, takeSnapshot, writeSnapshot } from './snapshot.ts'
import { readUpdate, writeUpdate } from './update.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'embeddings-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const make = (options: Partial<TableOptions> = {}) =>
  new EmbeddingTable({
    name: 'items',
    dim: 8,
    ids: 'text',
    seed: 3,
    admission: { threshold: 2, cells: 1024 },
    ...options,
  })

/** Some steps of training on ids that come, go and come back. */
function train(table: EmbeddingTable, random: Random, steps: number, from = 0): void {
  for (let t = from; t < from + steps; t++) {
    const ids = Array.from({ length: 60 }, () => `item-${Math.floor(200 * random.next() ** 2) + t * 3}-ö`)
    const rows = table.lookup(ids, t * DAY)
    table.apply(
      rows,
      Float32Array.from({ length: rows.length * table.dim }, () => random.normal()),
    )
    if (t % 7 === 6) table.evict((t - 3) * DAY)
  }
}

const full = (table: EmbeddingTable) => joined(snapshotOf(table))
const copyOf = (bytes: Uint8Array) => takeSnapshot(bytesSource('a copy', bytes))
const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

describe('a checkpoint', () => {
  it.each(['adagrad', 'row-adagrad', 'adam', 'sgd'] as const)('goes on to the same bits with %s', (kind) => {
    const table = make({ optimiser: { kind, rate: 0.1 } })
    train(table, new Random(1), 20)
    deltaSince(table, 0)
    const written = writeCheckpoint(table, join(folder, kind))
    const bytes = readFileSync(join(folder, kind))
    expect(written).toEqual({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })

    const again = readCheckpoint(join(folder, kind))
    writeCheckpoint(again, join(folder, `${kind}-again`))
    expect(equal(readFileSync(join(folder, `${kind}-again`)), bytes)).toBe(true)
    for (const one of [table, again]) train(one, new Random(2), 20, 20)
    writeCheckpoint(table, join(folder, 'straight'))
    writeCheckpoint(again, join(folder, 'resumed'))
    expect(equal(readFileSync(join(folder, 'resumed')), readFileSync(join(folder, 'straight')))).toBe(true)
    expect(equal(deltaSince(again, 1), deltaSince(table, 1))).toBe(true)
  })

  it('keeps integers of 64 bits', () => {
    const table = make({ ids: 'integer', admission: {} })
    const ids = new BigUint64Array([5n, 1n << 60n, 77n])
    const rows = table.lookup(ids, 0)
    table.forget(ids.subarray(0, 1))
    writeCheckpoint(table, join(folder, 'integers'))
    const again = readCheckpoint(join(folder, 'integers'))
    expect([...again.find(ids)]).toEqual([0, rows[1], rows[2]])
    expect(again.gather(rows)).toEqual(table.gather(rows))
    expect([...again.lookup(new Uint32Array([9]), 0)]).toEqual([2]) // the row that was freed
  })

  it('is refused when cut short, damaged, foreign or absent', () => {
    const table = make()
    train(table, new Random(1), 5)
    const path = join(folder, 'good')
    writeCheckpoint(table, path)
    const bytes = readFileSync(path)
    const refused = (content: Uint8Array, why: RegExp) => {
      writeFileSync(join(folder, 'bad'), content)
      expect(() => readCheckpoint(join(folder, 'bad'))).toThrow(why)
    }
    refused(bytes.subarray(0, 20), /has 20 bytes, which is too few/)
    refused(bytes.subarray(0, bytes.length - 1), new RegExp(`has ${bytes.length - 1} of ${bytes.length} bytes`))
    refused(Buffer.from('PK\x03\x04'.padEnd(100)), /no checkpoint of embeddings/)
    refused(full(table), /is a snapshot, not a checkpoint/)
    expect(() => readCheckpoint(join(folder, 'none'))).toThrow(/Cannot read .*none: ENOENT/)
    for (let at = 33; at < bytes.length; at += 97) {
      const bad = Buffer.from(bytes)
      bad[at] ^= 1
      refused(bad, /Cannot read .*bad/)
    }
  })

  it('leaves the file before it whole when it cannot be written', () => {
    expect(() => writeCheckpoint(make(), join(folder, 'no', 'such', 'folder'))).toThrow(SluiceError)
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})

describe('a serving copy', () => {
  it('finds and gathers what the trained table does, and takes no training', () => {
    const table = make()
    train(table, new Random(1), 20)
    writeSnapshot(table, join(folder, 'serving'))
    const copy = readSnapshot(join(folder, 'serving'))
    const ids = ['nobody', '', ...Array.from({ length: 300 }, (_, i) => `item-${i}-ö`)]
    expect(copy.find(ids)).toEqual(table.find(ids))
    expect(copy.gather(copy.find(ids))).toEqual(table.gather(table.find(ids)))
    expect(() => copy.lookup(['x'], 0)).toThrow(/copy for serving/)
    expect(() => copy.accumulate(new Uint32Array(1), new Float32Array(8))).toThrow(/copy for serving/)
    expect(() => applyDelta(table, deltaSince(table, 0))).toThrow(/trained here/)
  })

  it('is, with every delta, the full save to the byte', () => {
    const act = fc.constantFrom('train', 'train', 'evict', 'forget', 'sync')
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), fc.constantFrom('text', 'integer'), fc.nat(), (acts, ids, seed) => {
        const random = new Random(seed)
        const table = make({ ids, admission: {} })
        const pick = () => {
          const numbers = Uint32Array.from({ length: 8 }, () => random.int(60))
          return ids === 'text' ? Array.from(numbers, String) : numbers
        }
        const base = full(table)
        const copy = copyOf(base)
        const deltas: Uint8Array[] = []
        acts.forEach((what, t) => {
          if (what === 'evict') table.evict((t - 4) * DAY)
          if (what === 'forget') table.forget(pick())
          if (what === 'train') table.apply(table.lookup(pick(), t * DAY), new Float32Array(64).fill(random.normal()))
          if (what !== 'sync') return
          deltas.push(deltaSince(table, copy.version))
          applyDelta(copy, deltas[deltas.length - 1])
          expect(equal(full(copy), full(table))).toBe(true)
        })
        deltas.push(deltaSince(table, copy.version))
        const late = copyOf(base)
        for (const delta of [...deltas, ...deltas]) applyDelta(late, delta) // the second time changes nothing
        expect(equal(full(late), full(table))).toBe(true)
        expect(equal(full(applied(copyOf(base), deltaSince(table, 0))), full(table))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('comes to what the next process learned, whatever the one before it had sent', () => {
    for (let seed = 0; seed < 20; seed++) {
      const begin = make()
      train(begin, new Random('begin'), 8)
      const copy = copyOf(full(begin))
      const path = join(folder, 'begin')
      writeCheckpoint(begin, path)
      const ended = readCheckpoint(path)
      for (let n = 0; n < 3; n++) {
        train(ended, new Random(`ended ${seed}/${n}`), 4, 8 + 4 * n)
        applyDelta(copy, deltaSince(ended, begin.version))
      }
      const next = readCheckpoint(path)
      supersede(next, deltaSince(ended, begin.version))
      applyDelta(copy, deltaSince(next, begin.version))
      expect(equal(full(copy), full(next))).toBe(true)
      const known = readCheckpoint(path)
      for (const id of ['item-5-ö', 'item-9-ö', 'item-30-ö']) {
        expect(copy.gather(copy.find([id]))).toEqual(known.gather(known.find([id]))) // as it began
      }
      train(next, new Random(`next ${seed}`), 2, 8)
      applyDelta(copy, deltaSince(next, begin.version))
      expect(equal(full(copy), full(next))).toBe(true)
      const other = make({ name: 'others' })
      expect(() => supersede(other, deltaSince(ended, begin.version))).toThrow(/does not begin where this table is/)
    }
  })

  it('stays as it was when a delta is cut short, damaged, of another table or ahead', () => {
    const table = make()
    train(table, new Random(1), 10)
    const copy = copyOf(full(table))
    const before = full(copy)
    train(table, new Random(2), 2, 10)
    const delta = deltaSince(table, copy.version)
    const [version] = [table.version]
    train(table, new Random(3), 1, 12)
    const refused = (bytes: Uint8Array, why: RegExp) => {
      expect(() => applyDelta(copy, bytes)).toThrow(why)
      expect(equal(full(copy), before)).toBe(true)
    }
    refused(delta.subarray(0, delta.length >> 1), /has \d+ of \d+ bytes/)
    for (let at = 0; at < delta.length; at += 31) {
      const bad = Buffer.from(delta)
      bad[at] ^= 16
      refused(bad, /Cannot read the delta/)
    }
    refused(deltaSince(table, version), /leads on from version 2 and the table is at 1/)
    const other = make({ name: 'users' })
    refused(deltaSince(other, 0), /is of table "users"/)
    const stranger = make()
    train(stranger, new Random(8), 10)
    full(stranger)
    train(stranger, new Random(9), 2, 10)
    refused(deltaSince(stranger, 1), /has another row in this table|row numbers are not those/)
    expect(applyDelta(copy, delta).length).toBeGreaterThan(10)
  })

  it('asks for a snapshot where changes are not known', () => {
    const table = make()
    train(table, new Random(1), 5)
    const copy = copyOf(full(table))
    expect(() => deltaSince(copy, 0)).toThrow(/since version 0: known are 1 to 1/)
    expect(() => deltaSince(table, 2)).toThrow(RangeError)
  })
})

describe('dense weights', () => {
  it('go on from a save to the same bits', () => {
    const options = { name: 'tower', optimiser: { kind: 'adam', weightDecay: 0.1 } } as const
    const vectors = [0, 1].map(() => new DenseVector(37, options)) as [DenseVector, DenseVector]
    const run = (vector: DenseVector, random: Random) => {
      for (let t = 0; t < 10; t++) {
        vector.gradients.set(Array.from({ length: 37 }, () => random.normal()))
        vector.step()
      }
    }
    run(vectors[0], new Random(1))
    const saved = encodeDense(vectors[0])
    restoreDense(vectors[1], saved)
    for (const vector of vectors) run(vector, new Random(2))
    expect(equal(encodeDense(vectors[1]), encodeDense(vectors[0]))).toBe(true)

    const before = encodeDense(vectors[1])
    const bad = Buffer.from(saved)
    bad[bad.length - 9] ^= 1
    expect(() => restoreDense(vectors[1], bad)).toThrow(/checksum/)
    expect(() => restoreDense(vectors[1], saved.subarray(0, 99))).toThrow(/has 99 of/)
    expect(() => restoreDense(vectors[1], encodeDense(new DenseVector(36, options)))).toThrow(/36 weights of "tower"/)
    expect(equal(encodeDense(vectors[1]), before)).toBe(true)
  })
})

function applied(copy: EmbeddingTable, delta: Uint8Array): EmbeddingTable {
  applyDelta(copy, delta)
  return copy
}

describe('an update', () => {
  it('carries weights and the deltas of all tables, which change nothing before all were opened', () => {
    const table = make()
    train(table, new Random(8), 10)
    const copy = snapshotCopy(table)
    const before = full(copy)
    train(table, new Random(9), 10, 10)
    const weights = Float32Array.from({ length: 5 }, (_, i) => i / 3)
    const path = join(folder, 'update')
    writeUpdate(path, {
      ...{ model: 'toy', base: '000001', number: 3, at: 7, weights },
      deltas: { items: deltaSince(table, copy.version) },
    })
    const read = readUpdate(path)
    expect(read).toMatchObject({ model: 'toy', base: '000001', number: 3, at: 7, weights })
    const apply = openDelta(copy, read.deltas['items'] as Uint8Array)
    const ids = Array.from({ length: 40 }, (_, i) => `item-${i}-ö`)
    const old = copy.gather(copy.find(ids)).slice()
    expect(old).toEqual(takeSnapshot(bytesSource('before', before)).gather(copy.find(ids)))
    apply()
    expect(equal(full(copy), full(table))).toBe(true)
    const bytes = readFileSync(path)
    bytes[bytes.length - 9] ^= 1
    writeFileSync(path, bytes)
    expect(() => readUpdate(path)).toThrow(SluiceError)
  })

  it('can be taken back: rows the copy knows get its weights, new ones those of the rare', () => {
    const table = make({ admission: {} })
    table.apply(table.lookup(['a', 'b'], 0), new Float32Array(16).fill(1))
    const copy = snapshotCopy(table)
    const held = copy.gather(copy.find(['a', 'b', 'never'])).slice()
    table.apply(table.lookup(['b', 'c'], 0), new Float32Array(16).fill(-2))
    expect(table.gather(table.find(['b'])).slice()).not.toEqual(held.subarray(8, 16))
    expect(revertTo(table, copy)).toBe(2)
    const after = table.gather(table.find(['a', 'b', 'c'])).slice()
    expect(after).toEqual(held)
    applyDelta(copy, deltaSince(table, copy.version))
    expect(copy.gather(copy.find(['c'])).slice()).toEqual(held.subarray(16))
  })
})
