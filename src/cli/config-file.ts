import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { completeConfig, defineConfig, type Config, type ConfigInput } from '../domain/index.ts'
import { SluiceError } from '../foundation/base/index.ts'

/** Names that are looked for in the working directory, first one first. */
export const configNames = ['sluice.config.ts', 'sluice.config.js', 'sluice.config.mjs', 'sluice.config.json']

export interface LoadedConfig {
  readonly config: Config
  /** The file it came from; none: the defaults. */
  readonly file: string | undefined
}

/**
 * The configuration of a working directory, or of a named file, completed with the defaults.
 * @throws SluiceError ERR_CONFIG_INVALID that names the file and the option
 */
export async function loadConfig(folder: string, named?: string): Promise<LoadedConfig> {
  const file =
    named === undefined ? configNames.map((name) => join(folder, name)).find(existsSync) : resolve(folder, named)
  if (file === undefined) return { config: completeConfig(), file }
  const input = await readInput(file)
  return { config: inFile(file, () => completeConfig(input)), file }
}

/**
 * Does what looks at a configuration; when it finds a fault in an option, the error names the file it came from (none: the
 * defaults).
 */
export function inFile<T>(file: string | undefined, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (file === undefined || !(error instanceof SluiceError) || error.code !== 'ERR_CONFIG_INVALID') throw error
    // The sentence of the inner error with the file before the option.
    const why = error.message.replace(/^.*?the configuration: /, '')
    throw new SluiceError('ERR_CONFIG_INVALID', [`${file}: option`, why], { cause: error })
  }
}

async function readInput(file: string): Promise<ConfigInput> {
  const invalid = (why: string, cause?: unknown) => new SluiceError('ERR_CONFIG_INVALID', [file, why], { cause })
  if (!existsSync(file)) throw invalid('does not exist')
  let value: unknown
  try {
    value = file.endsWith('.json') ? JSON.parse(await readFile(file, 'utf8')) : await run(file)
  } catch (error) {
    throw invalid(`cannot be read: ${sayRead(error as Error)}`, error)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('must export a configuration: export default defineConfig({ ... })')
  }
  return value as ConfigInput
}

/** What a parser says is wrong, with the line where it says one: on a line of its own, as FILE:LINE:COLUMN. */
function sayRead({ message }: Error): string {
  const [says = '', place = ''] = message.split('\n')
  const line = /:(\d+):\d+\s*$/.exec(place)?.[1]
  return says.trim() + (line === undefined ? '' : ` in line ${line}`)
}

/** Runs a module and gives its default export. `import ... from 'sluice'` works wherever the file lies. */
async function run(file: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  const jiti = createJiti(import.meta.url, {
    virtualModules: { sluice: { defineConfig } },
    moduleCache: false,
    fsCache: false,
  })
  return jiti.import(file, { default: true })
}
