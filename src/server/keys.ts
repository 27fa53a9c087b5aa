import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Config } from '../domain/index.ts'
import { SluiceError } from '../foundation/base/index.ts'

export type Right = 'read' | 'write' | 'admin'
/** What a route needs: a right, or nothing at all. */
export type Needs = Right | 'none'

const hashOf = (key: string) => createHash('sha256').update(key).digest()

/** The key a request presents: `Authorization: Bearer KEY`, or `x-api-key: KEY`. */
function presented(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')
  if (bearer) return bearer[1]
  const key = headers['x-api-key']
  return typeof key === 'string' && key !== '' ? key : undefined
}

/**
 * Makes the check of API keys. Keys are compared as hashes, in constant time, and all of them are looked at, so that
 * the time of an answer says nothing about a key. Without keys everything is allowed. Rights do not contain one
 * another: a key has those it lists.
 */
export function keyCheck(keys: Config['server']['apiKeys']): (headers: IncomingHttpHeaders, needs: Needs) => void {
  const known = keys.map(({ key, rights }) => ({ hash: hashOf(key), rights: new Set<string>(rights) }))
  return (headers, needs) => {
    if (needs === 'none' || known.length === 0) return
    const key = presented(headers)
    if (key === undefined) throw new SluiceError('ERR_KEY_INVALID')
    const hash = hashOf(key)
    let found: ReadonlySet<string> | undefined
    for (const one of known) if (timingSafeEqual(one.hash, hash)) found = one.rights
    if (found === undefined) throw new SluiceError('ERR_KEY_INVALID')
    if (!found.has(needs)) throw new SluiceError('ERR_KEY_FORBIDDEN', [needs])
  }
}
