import { resolve } from 'node:path'
import { SluiceError } from '../foundation/base/index.ts'
import { inFile, loadConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { localPlatform } from './local.ts'
import { existingFolder } from './options.ts'
import type { Platform } from './platform.ts'
import { progressView } from './progress.ts'
import { answers, remotePlatform } from './remote.ts'
import { findServer, type RunningServer } from './running.ts'

export interface OpenOptions {
  readonly data: string
  readonly config?: string
  readonly url?: string
  readonly key?: string
}

/**
 * The platform a command talks to: the server at `--url`; else the server that has the data folder open; else the
 * folder itself, opened here.
 */
export async function openPlatform({ terminal, rooms }: Context, options: OpenOptions): Promise<Platform> {
  if (options.url) return remotePlatform({ url: options.url, key: options.key })
  const data = existingFolder(terminal.folder, options.data)
  const server = findServer(data)
  if (server && (await answers(server.url))) return remotePlatform({ url: server.url, key: options.key })
  const { createEngine, indexedSources, openRegistry } = await rooms.app()
  const { config, file } = await loadConfig(terminal.folder, options.config)
  const engine = inFile(file, () => createEngine({ data, config, serves: false }))
  const view = progressView(terminal)
  try {
    await engine.open(view.show)
  } catch (error) {
    throw server && error instanceof SluiceError && error.code === 'ERR_DATA_IN_USE' ? silent(data, server) : error
  } finally {
    view.end()
  }
  const registry = openRegistry(data)
  return localPlatform(engine, data, (model) => registry.live(model), indexedSources)
}

/** The folder is in use by a server that was asked first and said nothing: it is alive, and only slow. */
function silent(data: string, { pid, url }: RunningServer): SluiceError {
  return new SluiceError('ERR_DATA_IN_USE', [
    data,
    `${pid} (a server at ${url} that does not answer in time: try again)`,
  ])
}

/** Runs something on a platform and closes it whatever happens. */
export async function withPlatform<T>(
  context: Context,
  options: OpenOptions,
  use: (platform: Platform) => Promise<T>,
): Promise<T> {
  const platform = await openPlatform(context, options)
  try {
    return await use(platform)
  } finally {
    await platform.close()
  }
}

/**
 * Refuses a folder that another process has open, before any work is done.
 * @throws SluiceError ERR_DATA_IN_USE
 */
export async function refuseUsedFolder({ terminal, rooms }: Context, folder: string): Promise<string> {
  const data = resolve(terminal.folder, folder)
  const { lockedBy } = await rooms.app()
  const holder = lockedBy(data)
  if (holder) {
    const server = findServer(data)
    const url = server?.pid === holder.pid ? server.url : undefined
    throw new SluiceError('ERR_DATA_IN_USE', [data, url ? `${holder.pid} (a server at ${url})` : String(holder.pid)])
  }
  return data
}
