import { createHash } from 'node:crypto'
import type { Config } from '../domain/index.ts'
import { VERSION } from './version.ts'

/** What of a configuration changes what the platform says: not where it listens, not what is asked in the shadow, and no address, which may hold secrets. */
export function shapingOf({ server: _, features, ranking: { shadowShare: __, ...ranking }, ...said }: Config) {
  return { ...said, ranking, features: { ...features, store: features.store.split(':')[0] } }
}

/** Short hash of what shapes the answers, and of the version: equal ones answer alike. */
export function digestOf(shaping: ReturnType<typeof shapingOf>): string {
  return createHash('sha256')
    .update(`${VERSION}${JSON.stringify(shaping)}`)
    .digest('hex')
    .slice(0, 12)
}
