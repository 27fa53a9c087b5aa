import { createReadStream } from 'node:fs'
import type { Meter } from '../files.ts'

export type Encoding = 'utf8' | 'latin1'

/** Longest line that is read, in bytes. A longer one is given as null and costs no memory. */
export const LINE_BYTES_MAX = 1_048_576

const CHUNK_BYTES = 262_144
const NEWLINE = 10

/**
 * The lines of a file, in batches of one chunk: without their line ends (LF or CRLF) and without a byte order mark.
 * The last line needs no line end; an empty file has no lines. A line that is too long is null.
 */
export async function* lineBatches(
  file: string,
  encoding: Encoding,
  meter: Meter,
): AsyncGenerator<readonly (string | null)[]> {
  let held: Buffer[] = [] // the start of a line whose end has not been read yet
  let heldBytes = 0
  let cut = false // is the held line too long, and its bytes dropped?
  let first = true
  const split = (bytes: Buffer): (string | null)[] => {
    const whole = held.length === 0 ? bytes : Buffer.concat([...held, bytes])
    const lines: (string | null)[] = whole.toString(encoding).split('\n')
    if (cut) lines[0] = null
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]
      if (line === null || line === undefined) continue
      if (line.length > LINE_BYTES_MAX) lines[i] = null
      else if (line.endsWith('\r')) lines[i] = line.slice(0, -1)
    }
    if (first) {
      const mark = encoding === 'utf8' ? '\ufeff' : '\u00ef\u00bb\u00bf'
      if (lines[0]?.startsWith(mark)) lines[0] = lines[0].slice(mark.length)
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
