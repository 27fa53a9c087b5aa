import { isIP } from 'node:net'
import type { Static } from 'typebox'
import { SluiceError } from '../../foundation/base/index.ts'
import type { ServerConfig } from './server.ts'

/** Is this the name or an address of this machine only? */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  if (bare === 'localhost' || bare.endsWith('.localhost') || bare === '::1') return true
  return isIP(bare) === 4 && bare.startsWith('127.')
}

/** @throws SluiceError ERR_HOST_OPEN for a server without keys that other machines could reach */
export function requireSafeHost({ host, apiKeys }: Pick<Static<typeof ServerConfig>, 'host' | 'apiKeys'>): void {
  if (apiKeys.length === 0 && !isLoopback(host)) throw new SluiceError('ERR_HOST_OPEN', [host])
}
