import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import type { Meter } from '../files.ts'

export type Encoding = 'utf8' | 'latin1'

/** A line that cannot be read: over LINE_BYTES_MAX bytes, or with bytes that are no text of the encoding (U+FFFD in `text`). */
export type LineFault = { readonly fault: 'long' } | { readonly fault: 'miscoded'; readonly text: string }
export type Line = string | LineFault

const LONG: LineFault = { fault: 'long' }

/** Longest line that is read, in bytes. A longer one costs no memory. */
export const LINE_BYTES_MAX = 1_048_576

const CHUNK_BYTES = 262_144
const NEWLINE = 10

/**
 * The lines of a file, in batches of one chunk: without their line ends (LF or CRLF) and without a byte order mark.
 * The last line needs no line end; an empty file has no lines.
 */
export async function* lineBatches(file: string, encoding: Encoding, meter: Meter): AsyncGenerator<readonly Line[]> {
  let held: Buffer[] = [] // the start of a line whose end has not been read yet
  let heldBytes = 0
  let cut = false // is the held line too long, and its bytes dropped?
  let first = true
  const split = (bytes: Buffer): Line[] => {
    const whole = held.length === 0 ? bytes : Buffer.concat([...held, bytes])
    const lines: Line[] = whole.toString(encoding).split('\n')
    if (encoding === 'utf8' && !isUtf8(whole)) markMiscoded(whole, lines)
    if (cut) lines[0] = LONG
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]
      if (typeof line !== 'string') continue
      if (line.length > LINE_BYTES_MAX) lines[i] = LONG
      else if (line.endsWith('\r')) lines[i] = line.slice(0, -1)
    }
    if (first) {
      const mark = encoding === 'utf8' ? '\ufeff' : '\u00ef\u00bb\u00bf'
      if (typeof lines[0] === 'string' && lines[0].startsWith(mark)) lines[0] = lines[0].slice(mark.length)
    }
    first = false
    held = []
    heldBytes = 0
    cut = false
    return lines
  }
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
    const bytes = chunk as Buffer
    meter.add(bytes.length)
    const end = bytes.lastIndexOf(NEWLINE)
    const rest = bytes.subarray(end + 1)
    if (end >= 0) yield split(bytes.subarray(0, end))
    if (cut || heldBytes + rest.length > LINE_BYTES_MAX) {
      cut = true
      held = []
    } else if (rest.length > 0) held.push(rest)
    heldBytes += rest.length
  }
  if (heldBytes > 0) yield split(Buffer.alloc(0))
}

/** Puts the fault where a line holds bytes that are no UTF-8. The sign for such bytes (U+FFFD) may stand in sound text. */
function markMiscoded(whole: Buffer, lines: Line[]): void {
  let at = 0
  for (let i = 0; i < lines.length; i++) {
    const newline = whole.indexOf(NEWLINE, at)
    const end = newline < 0 ? whole.length : newline
    if (!isUtf8(whole.subarray(at, end)))
      lines[i] = { fault: 'miscoded', text: (lines[i] as string).replace(/\r$/, '') }
    at = end + 1
  }
}
