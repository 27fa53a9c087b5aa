// Bundles one TypeScript file (a bench, a generator) and runs it: node scripts/run.js FILE [ARG ...]
import { spawnSync } from 'node:child_process'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { sourcesHash } from './sources.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [file, ...rest] = process.argv.slice(2)
const outfile = join(root, 'node_modules', '.cache', 'sluice', `${basename(file, '.ts')}.mjs`)
await build({
  absWorkingDir: root,
  entryPoints: [file],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  define: { SLUICE_BUILD: JSON.stringify(sourcesHash(root)) },
  sourcemap: 'inline',
  logLevel: 'warning',
})
const { status } = spawnSync(process.execPath, ['--enable-source-maps', '--expose-gc', outfile, ...rest], {
  stdio: 'inherit',
  cwd: root,
})
process.exit(status ?? 1)
