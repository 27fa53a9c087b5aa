import { createHash } from 'node:crypto'
import type { Config } from '../domain/index.ts'
import { VERSION } from './version.ts'

/** What of a configuration changes what the platform says: not where it listens, not what is asked in the shadow, and no address, which may hold secrets. */
export function shapingOf({ server: _, features, ranking: { shadowShare: __, ...ranking }, ...said }: Config) {
  return { ...said, ranking, features: { ...features, store: features.store.split(':')[0] } }
}

/**
 * What the log of changes compares between two starts: every option, without secrets. Of addresses the passwords and
 * queries are left out, of keys there is the number.
 */
export function optionsTold(config: Config) {
  const { features, server } = config
  const { apiKeys, traces } = server
  return {
    ...config,
    features: { ...features, store: plain(features.store) },
    server: { ...server, apiKeys: apiKeys.length, traces: { ...traces, url: plain(traces.url) } },
  }
}

function plain(address: string): string {
  if (!URL.canParse(address)) return address.replace(/^.*@/, '')
  const url = new URL(address)
  Object.assign(url, { username: '', password: '', search: '', hash: '' })
  return url.href
}

/** Short hash of what shapes the answers, and of the version: equal ones answer alike. */
export function digestOf(options: object): string {
  return createHash('sha256')
    .update(`${VERSION}${JSON.stringify(options)}`)
    .digest('hex')
    .slice(0, 12)
}
