import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import { syncPath } from '../../foundation/store/index.ts'

/** That a user is being erased, without saying who: salted SHA-256, deleted when the work is done. */
export interface ErasureIntent {
  readonly path: string
  /** Seq of the first entry that came after it was asked for: who comes back later is not erased again. */
  readonly before: number
  matches(user: string): boolean
}

const NAME = /^erasure-[0-9a-f]+\.json$/

/** Writes an intent durably, before the first byte is erased. `before`: see `ErasureIntent`. */
export function beginErasure(folder: string, user: string, before: number): ErasureIntent {
  const salt = randomBytes(16).toString('hex')
  const hash = hashOf(salt, user)
  const path = join(folder, `erasure-${randomBytes(8).toString('hex')}.json`)
  fs.writeFileSync(`${path}.new`, JSON.stringify({ salt, hash, before }), { flush: true })
  fs.renameSync(`${path}.new`, path)
  syncPath(folder)
  return { path, before, matches: matcher(salt, hash) }
}

export function endErasure(folder: string, intent: ErasureIntent): void {
  fs.rmSync(intent.path, { force: true })
  syncPath(folder)
}

/** Intents that a crash or a full disk left behind. One that was not written to its end had erased nothing, nor been promised. */
export function openErasures(folder: string): ErasureIntent[] {
  const found: ErasureIntent[] = []
  for (const name of fs.readdirSync(folder)) {
    const path = join(folder, name)
    if (name.startsWith('erasure-') && name.endsWith('.new')) fs.rmSync(path)
    if (!NAME.test(name)) continue
    const { salt, hash, before = Number.POSITIVE_INFINITY } = JSON.parse(fs.readFileSync(path, 'utf8')) as Kept
    found.push({ path, before, matches: matcher(salt, hash) })
  }
  return found
}

/** What the file of an intent holds; those of older versions do not say `before`. */
interface Kept {
  readonly salt: string
  readonly hash: string
  readonly before?: number
}

function matcher(salt: string, hash: string): ErasureIntent['matches'] {
  return (user) => hashOf(salt, user) === hash
}

function hashOf(salt: string, user: string): string {
  return createHash('sha256').update(salt).update(user).digest('hex')
}
