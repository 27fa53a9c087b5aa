import { type Config, isLoopback } from '../domain/index.ts'
import { SluiceError } from '../foundation/base/index.ts'

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
