import { createHmac, timingSafeEqual } from 'node:crypto'
import { hash32, SluiceError } from '../../foundation/base/index.ts'

/** What a scroll carries from page to page: the hashes of the item ids shown so far. */
export interface Scroll {
  readonly surface: string
  readonly shown: readonly number[]
}

/**
 * Cursors are stateless: the shown items as 32-bit hashes of their ids, signed so that only this server's are taken.
 * A hash that two items share hides the second one from the scroll (about one item in ten million pairs), never
 * repeats one.
 */
export class Cursors {
  private readonly secret: Buffer

  constructor(secret: Buffer) {
    this.secret = secret
  }

  make(scroll: Scroll): string {
    const body = Buffer.alloc(4 + scroll.shown.length * 4)
    body.writeUInt32LE(hash32(scroll.surface), 0)
    scroll.shown.forEach((hash, index) => {
      body.writeUInt32LE(hash, 4 + index * 4)
    })
    return `${body.toString('base64url')}.${this.sign(body)}`
  }

  /** @throws SluiceError ERR_CURSOR_INVALID */
  read(cursor: string, surface: string): Scroll {
    const [text = '', signature = ''] = cursor.split('.')
    const body = Buffer.from(text, 'base64url')
    const given = Buffer.from(signature)
    const wanted = Buffer.from(this.sign(body))
    const genuine = given.length === wanted.length && timingSafeEqual(given, wanted)
    if (!genuine || body.length < 4 || body.length % 4 !== 0 || body.readUInt32LE(0) !== hash32(surface)) {
      throw new SluiceError('ERR_CURSOR_INVALID', [cursor.length > 40 ? `${cursor.slice(0, 40)}...` : cursor])
    }
    const shown = Array.from({ length: body.length / 4 - 1 }, (_, i) => body.readUInt32LE(4 + i * 4))
    return { surface, shown }
  }

  private sign(body: Buffer): string {
    return createHmac('sha256', this.secret).update(body).digest('base64url').slice(0, 22)
  }
}
