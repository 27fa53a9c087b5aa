import { type Event, kinds } from '../../domain/index.ts'

/**
 * The body of an event, little endian:
 *   flags u16 | at f64 | receivedAt f64 | kind u8 (255: by name) | value f64? | completion f64? | position u16?
 *   | length u16 of each text that is there, in order | all texts in one run of UTF-8
 * Lengths are in UTF-16 units, so that the run is decoded once and cut up without another look at the bytes; that is
 * several times as fast as one decoding per text. The user comes first, for a cheap look.
 */
const BY_NAME = 255
const VALUE = 1 << 0
const COMPLETION = 1 << 1
const POSITION = 1 << 2
const USER = 1 << 3
const SESSION = 1 << 4
const ITEM = 1 << 5
const CREATOR = 1 << 6
const SLATE = 1 << 7
const SURFACE = 1 << 8
const QUERY = 1 << 9
const COUNTRY = 1 << 10
const DEVICE = 1 << 11

/** A built-in kind's code is its place in the table, which is append only. */
const names = Object.keys(kinds)
const codes = new Map(names.map((name, code) => [name, code]))

type Draft = { -readonly [K in keyof Event]?: Event[K] }

// Gathered per call; the code below runs without an await.
const lengths = new Uint16Array(12)
const floats = new Float64Array(1)
const floatBytes = new Uint8Array(floats.buffer)

/** The bytes of an event after `head` bytes that are left for the caller. */
export function encodeEvent(event: Event, head: number): Buffer {
  const code = codes.get(event.kind) ?? BY_NAME
  let flags = 0
  let count = 0
  let text = ''
  const put = (flag: number, value: string | undefined) => {
    if (value === undefined) return
    flags |= flag
    lengths[count++] = value.length
    text += value
  }
  put(USER, event.user)
  put(0, event.id)
  if (code === BY_NAME) put(0, event.kind)
  put(SESSION, event.session)
  put(ITEM, event.item)
  put(CREATOR, event.creator)
  put(SLATE, event.slate)
  put(SURFACE, event.surface)
  put(QUERY, event.query)
  put(COUNTRY, event.country)
  put(DEVICE, event.device)
  const { value, completion, position } = event
  const fixed = (value === undefined ? 0 : 8) + (completion === undefined ? 0 : 8) + (position === undefined ? 0 : 2)
  const start = head + 19 + fixed + 2 * count
  const bytes = Buffer.allocUnsafe(start + Buffer.byteLength(text))
  let at = head + 2
  at = putFloat(bytes, at, event.at)
  at = putFloat(bytes, at, event.receivedAt)
  bytes[at++] = code
  if (value !== undefined) {
    flags |= VALUE
    at = putFloat(bytes, at, value)
  }
  if (completion !== undefined) {
    flags |= COMPLETION
    at = putFloat(bytes, at, completion)
  }
  if (position !== undefined) {
    flags |= POSITION
    at = putShort(bytes, at, position)
  }
  for (let i = 0; i < count; i++) at = putShort(bytes, at, lengths[i])
  putShort(bytes, head, flags)
  bytes.write(text, at)
  return bytes
}

export function decodeEvent(bytes: Buffer, head: number): Event {
  const flags = short(bytes, head)
  const at = float(bytes, head + 2)
  const receivedAt = float(bytes, head + 10)
  const code = bytes[head + 18]
  let next = head + 19
  const event: Draft = {}
  if (flags & VALUE) {
    event.value = float(bytes, next)
    next += 8
  }
  if (flags & COMPLETION) {
    event.completion = float(bytes, next)
    next += 8
  }
  if (flags & POSITION) {
    event.position = short(bytes, next)
    next += 2
  }
  const texts = bytes.toString('utf8', next + 2 * textCount(flags, code))
  let from = 0
  const take = () => {
    const start = from
    from += short(bytes, next)
    next += 2
    return texts.substring(start, from)
  }
  if (flags & USER) event.user = take()
  event.id = take()
  event.kind = code === BY_NAME ? take() : names[code]
  if (flags & SESSION) event.session = take()
  if (flags & ITEM) event.item = take()
  if (flags & CREATOR) event.creator = take()
  if (flags & SLATE) event.slate = take()
  if (flags & SURFACE) event.surface = take()
  if (flags & QUERY) event.query = take()
  if (flags & COUNTRY) event.country = take()
  if (flags & DEVICE) event.device = take()
  event.at = at
  event.receivedAt = receivedAt
  return event as Event
}

/** The user of an event, or undefined. */
export function eventUser(bytes: Buffer, head: number): string | undefined {
  const flags = short(bytes, head)
  if (!(flags & USER)) return undefined
  const texts = head + 19 + fixedBytes(flags)
  const units = short(bytes, texts)
  const start = texts + 2 * textCount(flags, bytes[head + 18])
  // At most three bytes a unit: enough bytes for the user, and maybe some of what follows.
  return bytes.toString('utf8', start, Math.min(bytes.length, start + 3 * units)).substring(0, units)
}

export function eventReceivedAt(bytes: Buffer, head: number): number {
  return float(bytes, head + 10)
}

function fixedBytes(flags: number): number {
  return (flags & VALUE ? 8 : 0) + (flags & COMPLETION ? 8 : 0) + (flags & POSITION ? 2 : 0)
}

/** Texts of an event: its id, the named kind, and one per flag from USER on. */
function textCount(flags: number, code: number): number {
  let count = code === BY_NAME ? 2 : 1
  for (let bits = flags >> 3; bits !== 0; bits &= bits - 1) count++
  return count
}

function short(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8)
}

function putShort(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  return at + 2
}

function float(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i++) floatBytes[i] = bytes[at + i]
  return floats[0]
}

function putFloat(bytes: Uint8Array, at: number, value: number): number {
  floats[0] = value
  for (let i = 0; i < 8; i++) bytes[at + i] = floatBytes[i]
  return at + 8
}
