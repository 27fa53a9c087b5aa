import type { IncomingMessage } from 'node:http'
import { SluiceError } from '../foundation/base/index.ts'
import { RequestError } from './errors.ts'
import type { ParseJson } from './json.ts'

/** One line of a JSON lines body: its value, or why it has none. */
export type Line =
  | { readonly index: number; readonly value: unknown }
  | { readonly index: number; readonly error: string }

export interface LineBounds {
  /** Bytes of one line. */
  readonly lineMax: number
  /** Bytes of the whole body. */
  readonly bodyMax: number
}

const NEWLINE = 10

/** A JSON lines body that is still arriving. Lines are read as they come, so that a large upload takes no memory. */
export class LinesBody {
  private readonly source: IncomingMessage
  private readonly parse: ParseJson

  constructor(source: IncomingMessage, parse: ParseJson) {
    this.source = source
    this.parse = parse
  }

  /**
   * The lines in order, blank ones left out but counted. A line that is not JSON is given as an error, the rest goes on.
   * @throws SluiceError ERR_BODY_TOO_LARGE
   */
  async *read({ lineMax, bodyMax }: LineBounds): AsyncGenerator<Line> {
    let index = 0
    let total = 0
    let held: Buffer[] = []
    let heldBytes = 0
    const take = (part: Buffer): Line | undefined => {
      held.push(part)
      const bytes = Buffer.concat(held)
      held = []
      heldBytes = 0
      return this.line(index++, bytes)
    }
    try {
      // Leaving early must not destroy the request: the answer goes over the same socket.
      for await (const chunk of this.source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        total += chunk.length
        if (total > bodyMax) throw new SluiceError('ERR_BODY_TOO_LARGE', [String(bodyMax)])
        let start = 0
        for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
          const line = take(chunk.subarray(start, end))
          if (line) yield line
          start = end + 1
        }
        held.push(chunk.subarray(start))
        heldBytes += chunk.length - start
        if (heldBytes > lineMax) throw new RequestError(`line ${index + 1}`, `is longer than ${lineMax} bytes`)
      }
      const last = take(Buffer.alloc(0))
      if (last) yield last
    } finally {
      // What nobody reads must still flow by, or the client waits on its side and never sees the answer.
      this.source.resume()
    }
  }

  private line(index: number, bytes: Buffer): Line | undefined {
    if (bytes.every(isBlank)) return undefined
    try {
      return { index, value: this.parse(bytes, `line ${index + 1}`) }
    } catch (error) {
      if (error instanceof RequestError) return { index, error: error.message }
      throw error
    }
  }
}

/** Space, tab, carriage return. */
function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 13
}
