// Compiles the AssemblyScript kernels to WebAssembly and keeps them as base64 in a source file beside them, so that no
// build and no start needs the compiler. Run it after a change: node scripts/kernels.js
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = {
  embeddings: {
    folder: 'src/learning/embeddings/kernels',
    sources: ['rows.as.ts', 'sparse.as.ts', 'dense.as.ts'],
    flags: [],
  },
  vectors: {
    folder: 'src/serving/vectors/kernels',
    sources: ['scan.as.ts'],
    // Threads share one copy of an index.
    flags: ['--enable', 'threads', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65535'],
  },
}

/** The text of a module.ts, made from the sources beside it. */
export async function compileKernels(name) {
  const { folder, sources, flags } = modules[name]
  const { default: asc } = await import('assemblyscript/asc')
  const draft = mkdtempSync(join(tmpdir(), 'kernels-'))
  const out = join(draft, 'kernels.wasm')
  const common = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--noExportMemory', '--enable', 'simd']
  try {
    const { error, stderr } = await asc.main([
      ...sources.map((file) => `${folder}/${file}`),
      ...['--baseDir', root, '--outFile', relative(root, out), ...common, ...flags],
    ])
    if (error) throw new Error(`Cannot compile the kernels of ${name}: ${stderr.toString()}`, { cause: error })
    const wasm = readFileSync(out).toString('base64')
    return `// Made by scripts/kernels.js from the .as.ts files beside it; a test holds them equal. Do not edit.\nexport const kernelsWasm =\n  '${wasm}'\n`
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, { folder }] of Object.entries(modules)) {
    writeFileSync(join(root, folder, 'module.ts'), await compileKernels(name))
  }
}
