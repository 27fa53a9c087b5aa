import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import { syncPath } from '../../foundation/store/index.ts'

/** That a user is being erased, without saying who: salted SHA-256, deleted when the work is done. */
export interface ErasureIntent {
  readonly path: string
  matches(user: string): boolean
}

const NAME = /^erasure-[0-9a-f]+\.json$/

/** Writes an intent durably, before the first byte is erased. */
export function beginErasure(folder: string, user: string): ErasureIntent {
  const salt = randomBytes(16).toString('hex')
  const hash = hashOf(salt, user)
  const path = join(folder, `erasure-${randomBytes(8).toString('hex')}.json`)
  fs.writeFileSync(`${path}.new`, JSON.stringify({ salt, hash }), { flush: true })
  fs.renameSync(`${path}.new`, path)
  syncPath(folder)
  return intentOf(path, salt, hash)
}

export function endErasure(folder: string, intent: ErasureIntent): void {
  fs.rmSync(intent.path, { force: true })
  syncPath(folder)
}

/** Intents that a crash left behind. One that was not written to its end had erased nothing, nor been promised. */
export function openErasures(folder: string): ErasureIntent[] {
  const found: ErasureIntent[] = []
  for (const name of fs.readdirSync(folder)) {
    const path = join(folder, name)
    if (name.startsWith('erasure-') && name.endsWith('.new')) fs.rmSync(path)
    if (!NAME.test(name)) continue
    const { salt, hash } = JSON.parse(fs.readFileSync(path, 'utf8')) as { salt: string; hash: string }
    found.push(intentOf(path, salt, hash))
  }
  return found
}

function intentOf(path: string, salt: string, hash: string): ErasureIntent {
  return { path, matches: (user) => hashOf(salt, user) === hash }
}

function hashOf(salt: string, user: string): string {
  return createHash('sha256').update(salt).update(user).digest('hex')
}
