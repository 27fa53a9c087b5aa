import type { Command } from 'commander'
import type { ShadowStatus } from '../app/index.ts'
import { SluiceError } from '../foundation/base/index.ts'
import { ClientError } from '../client/index.ts'
import type { Context } from './context.ts'
import { shadowView } from './models-shadow.ts'
import { manifestView } from './models-view.ts'
import { dataOption, existingFolder, jsonOption, keyOption } from './options.ts'
import { remotePlatform } from './remote.ts'
import { findServer } from './running.ts'

interface ShowOptions {
  readonly data: string
  readonly key?: string
  readonly json?: boolean
}

/** What a server says of the version in the shadow of a model, or why nothing is known of it. */
interface ShadowTold {
  /** The version in the shadow. */
  readonly version: string
  readonly status?: ShadowStatus
  readonly unknown?: string
}

/** `sluice models show`: the manifest of a version, and how what is in the shadow of its model compares. */
export function showCommand(models: Command, { terminal, rooms }: Context): void {
  models
    .command('show <model> <version>')
    .description('Show the manifest of a version: data, metrics, gates, files; in the shadow, how it compares.')
    .addOption(dataOption())
    .addOption(keyOption())
    .addOption(jsonOption())
    .action(async (model: string, version: string, { data, key, json }: ShowOptions) => {
      const folder = existingFolder(terminal.folder, data)
      const registry = (await rooms.app()).openRegistry(folder)
      const manifest = registry.show(model, version)
      const inShadow = registry.shadowOf(model)
      const concerned = inShadow !== undefined && (inShadow === version || manifest.state === 'live')
      const shadow = concerned ? await askFor(folder, key, model, inShadow) : undefined
      if (json) return terminal.out(JSON.stringify({ ...manifest, ...(shadow && { shadow }) }))
      terminal.out(manifestView(terminal, manifest, shadow && toldView(model, shadow)))
    })
}

/** The figures are in the memory of the server that compares; whatever keeps it from telling them, the manifest is there. */
async function askFor(folder: string, key: string | undefined, model: string, version: string): Promise<ShadowTold> {
  const server = findServer(folder)
  if (!server) return { version, unknown: 'no server runs on this folder, so nothing is compared' }
  try {
    const { shadows } = await remotePlatform({ url: server.url, key }).status()
    const status = shadows?.[model]
    if (status?.version === version) return { version, status }
    return { version, unknown: `the server at ${server.url} does not have it in the shadow yet, or gives it no place` }
  } catch (error) {
    if (!(error instanceof SluiceError || error instanceof ClientError)) throw error
    return { version, unknown: error.message }
  }
}

const toldView = (model: string, { version, status, unknown }: ShadowTold): string =>
  status ? shadowView([model, status]) : `${model} ${version}: ${unknown}`
