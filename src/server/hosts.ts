import { isIP } from 'node:net'
import type { Config } from '../domain/index.ts'
import { SluiceError } from '../foundation/base/index.ts'

/** Is this the name or an address of this machine only? */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  if (bare === 'localhost' || bare.endsWith('.localhost') || bare === '::1') return true
  return isIP(bare) === 4 && bare.startsWith('127.')
}

/** @throws SluiceError ERR_HOST_OPEN for a server without keys that other machines could reach */
export function requireSafeHost({ host, apiKeys }: Config['server']): void {
  if (apiKeys.length === 0 && !isLoopback(host)) throw new SluiceError('ERR_HOST_OPEN', [host])
}

/**
 * A server without keys trusts whoever reaches it, and a web page can reach it through a name that its owner points
 * at 127.0.0.1 (DNS rebinding). The browser then sends that name: so only names of this machine are answered.
 * @throws SluiceError ERR_HOST_FORBIDDEN
 */
export function requireOwnName(header: string | undefined, { apiKeys }: Config['server']): void {
  if (apiKeys.length > 0 || header === undefined) return
  const name = header.replace(/:\d*$/, '')
  if (!isLoopback(name)) throw new SluiceError('ERR_HOST_FORBIDDEN', [name.slice(0, 100)])
}

/** The address to tell people, for a server that listens on `host`. */
export function urlOf(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
