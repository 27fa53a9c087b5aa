import type { Item, User } from '../../domain/index.ts'
import { decodeEvent, encodeEvent, eventReceivedAt, eventUser } from './event-codec.ts'
import type { Entry } from './entry.ts'

/**
 * An entry as bytes: version u8 | type u8 | body. Events, which are many, have a binary body (see event-codec.ts);
 * for the rest it is: at f64 | length of the id u16 | id | the record as JSON (none for a deletion).
 */
export const ENTRY_VERSION = 1
const EVENT = 0
const ITEM = 1
const ITEM_DELETED = 2
const USER = 3
/** Bytes of version and type. */
const HEAD = 2

export function encodeEntry(entry: Entry): Buffer {
  return Buffer.from(encodeView(entry))
}

/** As `encodeEntry`, without the copy: the bytes are valid until the next call. */
export function encodeView(entry: Entry): Buffer {
  switch (entry.type) {
    case 'event': {
      const bytes = encodeEvent(entry.event, HEAD)
      bytes[0] = ENTRY_VERSION
      bytes[1] = EVENT
      return bytes
    }
    case 'item':
      return encodeRecord(ITEM, entry.at, entry.item.id, JSON.stringify(entry.item))
    case 'item-deleted':
      return encodeRecord(ITEM_DELETED, entry.at, entry.id, '')
    case 'user':
      return encodeRecord(USER, entry.at, entry.user.id, JSON.stringify(entry.user))
  }
}

/** @throws RangeError for bytes of another version */
export function decodeEntry(payload: Buffer): Entry {
  const type = typeOf(payload)
  if (type === EVENT) return { type: 'event', event: decodeEvent(payload, HEAD) }
  const at = payload.readDoubleLE(HEAD)
  const start = HEAD + 10 + payload.readUInt16LE(HEAD + 8)
  if (type === ITEM) return { type: 'item', item: JSON.parse(payload.toString('utf8', start)) as Item, at }
  if (type === USER) return { type: 'user', user: JSON.parse(payload.toString('utf8', start)) as User, at }
  return { type: 'item-deleted', id: payload.toString('utf8', HEAD + 10, start), at }
}

/** The user an entry is about, without decoding the rest. */
export function entryUser(payload: Buffer): string | undefined {
  const type = typeOf(payload)
  if (type === EVENT) return eventUser(payload, HEAD)
  return type === USER ? recordId(payload) : undefined
}

/** What retention needs to know of an entry: `at` of an event is when it was received. */
export function entryHead(payload: Buffer): { type: Entry['type']; at: number; id: string } {
  const type = typeOf(payload)
  if (type === EVENT) return { type: 'event', at: eventReceivedAt(payload, HEAD), id: '' }
  return { type: NAMES[type] as Entry['type'], at: payload.readDoubleLE(HEAD), id: recordId(payload) }
}

const NAMES: readonly Entry['type'][] = ['event', 'item', 'item-deleted', 'user']

function typeOf(payload: Buffer): number {
  const type = payload[1]
  if (payload[0] !== ENTRY_VERSION || type >= NAMES.length) {
    throw new RangeError(
      `Cannot decode an entry of version ${payload[0]}, type ${type}: this version reads ${ENTRY_VERSION}`,
    )
  }
  return type
}

function encodeRecord(type: number, at: number, id: string, json: string): Buffer {
  const idBytes = Buffer.byteLength(id)
  const bytes = Buffer.allocUnsafe(HEAD + 10 + idBytes + Buffer.byteLength(json))
  bytes[0] = ENTRY_VERSION
  bytes[1] = type
  bytes.writeDoubleLE(at, HEAD)
  bytes.writeUInt16LE(idBytes, HEAD + 8)
  bytes.write(id, HEAD + 10)
  bytes.write(json, HEAD + 10 + idBytes)
  return bytes
}

function recordId(payload: Buffer): string {
  return payload.toString('utf8', HEAD + 10, HEAD + 10 + payload.readUInt16LE(HEAD + 8))
}
