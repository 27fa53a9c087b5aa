import { SluiceError } from '../foundation/base/index.ts'
import type { Context } from './context.ts'
import { existingFolder } from './options.ts'
import { type RemotePlatform, remotePlatform } from './remote.ts'
import { findServer } from './running.ts'

export interface ServerOptions {
  readonly data: string
  readonly url?: string
  readonly key?: string
}

/**
 * The running server that a command is about: the one at `--url`, else the one that has the data folder open.
 * @throws SluiceError ERR_DATA_MISSING, ERR_SERVER_UNREACHABLE
 */
export function serverOf({ terminal }: Context, { url, key, data }: ServerOptions): RemotePlatform {
  if (url !== undefined) return remotePlatform({ url, key })
  const folder = existingFolder(terminal.folder, data)
  const server = findServer(folder)
  if (!server) throw new SluiceError('ERR_SERVER_UNREACHABLE', [folder, 'no server has this data folder open'])
  return remotePlatform({ url: server.url, key })
}
