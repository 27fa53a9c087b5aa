// Compiles the AssemblyScript kernels of src/learning/embeddings to WebAssembly and keeps them as base64 in a source
// file, so that no build and no start needs the compiler. Run it after a change: node scripts/kernels.js
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = 'src/learning/embeddings/kernels'
const sources = ['rows.as.ts', 'sparse.as.ts', 'dense.as.ts']
const target = join(root, folder, 'module.ts')

/** The text of module.ts, made from the sources. */
export async function compileKernels() {
  const { default: asc } = await import('assemblyscript/asc')
  const draft = mkdtempSync(join(tmpdir(), 'kernels-'))
  const out = join(draft, 'kernels.wasm')
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--noExportMemory', '--enable', 'simd']
  try {
    const { error, stderr } = await asc.main([
      ...sources.map((file) => `${folder}/${file}`),
      ...['--baseDir', root, '--outFile', relative(root, out), ...flags],
    ])
    if (error) throw new Error(`Cannot compile the kernels: ${stderr.toString()}`, { cause: error })
    const wasm = readFileSync(out).toString('base64')
    return `// Made by scripts/kernels.js from the .as.ts files beside it; a test holds them equal. Do not edit.\nexport const kernelsWasm =\n  '${wasm}'\n`
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, await compileKernels())
