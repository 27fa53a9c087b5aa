// Bundles the sources into dist/ with esbuild. Runs on install and whenever a source is newer than the bundle.
// A published package ships dist/ and has no sources to build from: then there is nothing to do.
//
// Two processes may build at once, and one may run the bundle meanwhile. So everything is made in a folder of its own
// and moved in piece by piece: first the chunks, whose names carry their content, then the entries that refer to them.
// Chunks of earlier bundles stay for the processes that still run them, and go after a day.
//
// Packages are left where they are installed, but for one: typebox comes as 576 small files, and to find and read them
// took half the time of a start.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sourcesHash } from './sources.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const KEEP_MS = 86_400_000
const BUNDLED = 'typebox'

export async function build() {
  const { build } = await import('esbuild')
  const dist = join(root, 'dist')
  const draft = join(root, `dist.${process.pid}.tmp`)
  const entries = {
    cli: 'src/cli/main.ts',
    index: 'src/index.ts',
    client: 'src/client.ts',
    'index-builder': 'src/serving/vectors/life/worker.ts',
    'slim-thread': 'src/serving/retrieval/indexes/slim-thread.ts',
    trainer: 'src/app/learn/child.ts',
    'slate-thread': 'src/app/workers/thread.ts',
    'training-thread': 'src/learning/graph/parallel/thread.ts',
  }
  const last = new Set(Object.keys(entries).map((name) => `${name}.js`))
  const started = new Date()
  try {
    await build({
      absWorkingDir: root,
      entryPoints: entries,
      outdir: draft,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      external: packages().filter((name) => name !== BUNDLED),
      define: { SLUICE_BUILD: JSON.stringify(sourcesHash(root)) },
      chunkNames: 'chunks/[name]-[hash]',
      sourcemap: true,
      logLevel: 'warning',
    })
    copyFileSync(join(root, 'node_modules', BUNDLED, 'license'), join(draft, `${BUNDLED}.license`))
    // A source that changes while this builds is newer than what was built.
    for (const name of last) utimesSync(join(draft, name), started, started)
    mkdirSync(join(dist, 'chunks'), { recursive: true })
    const chunks = filesOf(join(draft, 'chunks'))
    for (const name of chunks) renameSync(join(draft, 'chunks', name), join(dist, 'chunks', name))
    for (const name of filesOf(draft).sort((a, b) => Number(last.has(a)) - Number(last.has(b)))) {
      renameSync(join(draft, name), join(dist, name))
    }
    const current = new Set(chunks)
    for (const name of filesOf(join(dist, 'chunks'))) {
      const path = join(dist, 'chunks', name)
      if (!current.has(name) && isOlder(path, started.getTime() - KEEP_MS)) rmSync(path, { force: true })
    }
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** All that may be there when it runs. */
function packages() {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return Object.keys({ ...dependencies, ...peerDependencies })
}

function filesOf(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []))
}

function isOlder(path, moment) {
  const found = statSync(path, { throwIfNoEntry: false })
  return found !== undefined && found.mtimeMs < moment
}

if (process.argv[1] === fileURLToPath(import.meta.url) && existsSync(join(root, 'src/cli/main.ts'))) await build()
