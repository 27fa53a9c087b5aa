import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Event, kinds } from '../../domain/index.ts'
import { decodeEntry, encodeEntry, entryHead, entryUser } from './codec.ts'
import type { Entry } from './entry.ts'

const text = (maxLength: number) => fc.string({ unit: 'binary', minLength: 1, maxLength })
const time = fc.double({ min: 0, max: 8.64e15, noNaN: true })
const optional = {
  user: text(128),
  session: text(128),
  item: text(128),
  creator: text(128),
  slate: text(64),
  surface: text(64),
  position: fc.integer({ min: 0, max: 10_000 }),
  value: fc.double({ noNaN: true, noDefaultInfinity: true }),
  completion: fc.double({ min: 0, max: 1, noNaN: true }),
  query: text(512),
  country: fc.constantFrom('de', 'US'),
  device: text(32),
}
const event: fc.Arbitrary<Event> = fc
  .record(
    {
      ...optional,
      id: text(128),
      kind: fc.oneof(fc.constantFrom(...Object.keys(kinds)), text(64)),
      at: time,
      receivedAt: time,
    },
    { requiredKeys: ['id', 'kind', 'at', 'receivedAt'] },
  )
  .map((value) => value as Event)
const entry: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('event' as const), event }) },
  fc.record({
    type: fc.constant('item' as const),
    item: fc.record({
      id: text(128),
      title: text(512),
      price: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    }),
    at: time,
  }),
  fc.record({ type: fc.constant('item-deleted' as const), id: text(128), at: time }),
  fc.record({ type: fc.constant('user' as const), user: fc.record({ id: text(128), optOut: fc.boolean() }), at: time }),
)

describe('the codec of entries', () => {
  it('gives back every entry as it was, wherever it lies in a buffer', () => {
    fc.assert(
      fc.property(entry, fc.nat(20), (value, shift) => {
        const bytes = encodeEntry(value)
        const moved = Buffer.concat([Buffer.alloc(shift, 0xff), bytes, Buffer.alloc(5, 0xff)])
        expect(decodeEntry(moved.subarray(shift, shift + bytes.length))).toEqual(value)
      }),
      { numRuns: 1000 },
    )
  })

  it('tells the user and the head without decoding the rest', () => {
    fc.assert(
      fc.property(entry, (value) => {
        const bytes = encodeEntry(value)
        const user = value.type === 'event' ? value.event.user : value.type === 'user' ? value.user.id : undefined
        expect(entryUser(bytes)).toBe(user)
        const head = entryHead(bytes)
        expect(head.type).toBe(value.type)
        expect(head.at).toBe(value.type === 'event' ? value.event.receivedAt : value.at)
        if (value.type === 'item') expect(head.id).toBe(value.item.id)
      }),
      { numRuns: 1000 },
    )
  })

  it('writes the bytes that the description says', () => {
    const bytes = encodeEntry({ type: 'event', event: { id: 'e', kind: 'click', user: 'ü', at: 1, receivedAt: 2 } })
    const expected = [
      [1, 0], // version, type
      [0x08, 0x00], // flags: user
      [0, 0, 0, 0, 0, 0, 0xf0, 0x3f], // at
      [0, 0, 0, 0, 0, 0, 0x00, 0x40], // receivedAt
      [1], // click is the second kind
      [1, 0, 1, 0], // lengths of user and id in UTF-16 units
      [0xc3, 0xbc, 0x65], // texts
    ]
    expect([...bytes]).toEqual(expected.flat())
  })

  it('names the version that it cannot read', () => {
    const bytes = encodeEntry({ type: 'item-deleted', id: 'a', at: 1 })
    bytes[0] = 9
    expect(() => decodeEntry(bytes)).toThrow('version 9')
  })
})
