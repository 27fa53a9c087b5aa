#!/usr/bin/env node
// Starts the command line. In a checkout it rebuilds the bundle first when a source is newer than it.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bundle = join(root, 'dist', 'cli.js')

function newest(folder) {
  let time = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) time = Math.max(time, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs)
  }
  return time
}

const checkout = existsSync(join(root, 'src')) && existsSync(join(root, 'node_modules', 'esbuild'))
if (checkout && (!existsSync(bundle) || statSync(bundle).mtimeMs < newest(join(root, 'src')))) {
  const { build } = await import('../scripts/build.js')
  await build()
}
await import(bundle)
