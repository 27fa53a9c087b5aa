import { describe, expect, it } from 'vitest'
import { bytesOf, Column, grown, IdTable, type Shelved, Stack, visitArrays } from './index.ts'

describe('visitArrays', () => {
  it('names every array by its path, and puts in its place what the visitor gives', () => {
    const ids = new IdTable()
    ids.row('one')
    const ages = new Column(Uint8Array, { rows: 4 })
    const people: Shelved = {
      shelve(shelf) {
        shelf.part('ids', ids)
        shelf.part('ages', ages)
      },
    }
    const lengths = new Map<string, number>()
    visitArrays(people, {
      array(path, held) {
        lengths.set(path, held.length)
        return grown(held, held.length * 2)
      },
    })
    expect([...lengths.keys()]).toEqual([
      'ids/slots',
      'ids/leaving',
      'ids/hashes/rows',
      'ids/ends/rows',
      'ids/text/bytes',
      'ids/used/value',
      'ids/count/value',
      'ids/moved/value',
      'ages/rows',
    ])
    expect(ages.rows).toBe(8)
    expect(ids.size).toBe(1)
    expect(ids.name(0)).toBe('one')
    expect(bytesOf(ages)).toBe(8)
  })
})

describe('grown', () => {
  it('stays in memory of the same kind', () => {
    const shared = new Uint16Array(new SharedArrayBuffer(4))
    shared[1] = 7
    const more = grown(shared, 3)
    expect([...more]).toEqual([0, 7, 0])
    expect(more.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(grown(new Float32Array(1), 2).buffer).toBeInstanceOf(ArrayBuffer)
  })
})

describe('Stack', () => {
  it('gives back what was put on it, the latest first', () => {
    const stack = new Stack()
    for (let row = 0; row < 40; row++) stack.push(row * 3)
    const seen = []
    for (let row = stack.pop(); row !== undefined; row = stack.pop()) seen.push(row)
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => (39 - i) * 3))
    expect(stack.length).toBe(0)
  })
})
