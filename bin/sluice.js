#!/usr/bin/env node
// Starts the command line. In a checkout it rebuilds the bundle first when a source is newer than it.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

// For all threads and processes: what is set in one thread is not seen by the runtime of models in another.
process.env.ORT_DISABLE_TELEMETRY ??= '1'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bundle = join(root, 'dist', 'cli.js')

function changed(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** When the sources of the bundle changed last. Tests are no part of it. */
function newest(folder) {
  let time = changed(join(root, 'package.json'))
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name.endsWith('.test.ts')) continue
    time = Math.max(time, changed(join(entry.parentPath ?? entry.path, entry.name)))
  }
  return time
}

const checkout = existsSync(join(root, 'src')) && existsSync(join(root, 'node_modules', 'esbuild'))
if (checkout && changed(bundle) < newest(join(root, 'src'))) {
  const { build } = await import('../scripts/build.js')
  try {
    await build()
  } catch {
    process.stderr.write('error: Cannot build the command line from src/: see above\n') // esbuild has said where
    process.exit(1)
  }
}
await import(pathToFileURL(bundle).href)
