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

/** Texts in the order they are written, and their flags; the id and a named kind have none. */
const texts: (string | undefined)[] = new Array(11).fill(undefined)
const textFlags = [USER, 0, 0, SESSION, ITEM, CREATOR, SLATE, SURFACE, QUERY, COUNTRY, DEVICE]
/** Room for the longest event that the schema allows: its texts have less than 2000 units, three bytes each. */
const scratch = Buffer.alloc(16_384)
const view = new DataView(scratch.buffer, scratch.byteOffset, scratch.length)
const floats = new Float64Array(1)
const floatBytes = new Uint8Array(floats.buffer)

/** The bytes of an event after `head` bytes that are left for the caller. Valid until the next call. */
export function encodeEvent(event: Event, head: number): Buffer {
  const code = codes.get(event.kind) ?? BY_NAME
  const { value, completion, position } = event
  let flags = 0
  let at = head + 2
  at = putFloat(at, event.at)
  at = putFloat(at, event.receivedAt)
  scratch[at++] = code
  if (value !== undefined) {
    flags |= VALUE
    at = putFloat(at, value)
  }
  if (completion !== undefined) {
    flags |= COMPLETION
    at = putFloat(at, completion)
  }
  if (position !== undefined) {
    flags |= POSITION
    at = putShort(at, position)
  }
  texts[0] = event.user
  texts[1] = event.id
  texts[2] = code === BY_NAME ? event.kind : undefined
  texts[3] = event.session
  texts[4] = event.item
  texts[5] = event.creator
  texts[6] = event.slate
  texts[7] = event.surface
  texts[8] = event.query
  texts[9] = event.country
  texts[10] = event.device
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i]
    if (text === undefined) continue
    flags |= textFlags[i]
    at = putShort(at, text.length)
  }
  putShort(head, flags)
  for (let i = 0; i < texts.length; i++) at = putText(at, texts[i])
  return scratch.subarray(0, at)
}

/** Writes a text as UTF-8: byte by byte while it is ASCII, which beats a call for texts as short as ids. */
function putText(start: number, text: string | undefined): number {
  if (text === undefined) return start
  let at = start
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) return start + scratch.write(text, start)
    scratch[at++] = unit
  }
  return at
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

function putShort(at: number, value: number): number {
  scratch[at] = value
  scratch[at + 1] = value >>> 8
  return at + 2
}

function float(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i++) floatBytes[i] = bytes[at + i]
  return floats[0]
}

function putFloat(at: number, value: number): number {
  view.setFloat64(at, value, true)
  return at + 8
}
