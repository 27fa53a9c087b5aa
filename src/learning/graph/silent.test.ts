import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

const program = `
import { emitModel, Graph, Session } from './src/learning/graph/index.ts'
const graph = new Graph()
const y = graph.matmul(graph.input('x', [1, 2]), graph.input('w', [2, 1]))
const session = await Session.open(emitModel(graph, { y }))
const { y: found } = await session.run({ x: Float32Array.of(2, 3), w: Float32Array.of(4, 5) })
await session.close()
console.log(found[0], process.env.ORT_DISABLE_TELEMETRY)
`

it('keeps to itself: the runtime leaves nothing in the home and temporary folders to be told to its maker', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-silent-'))
  const home = join(folder, 'home')
  const outfile = join('node_modules', '.cache', `silent-${process.pid}.mjs`) // so that packages are found
  try {
    const { outputFiles } = await build({
      stdin: { contents: program, resolveDir: '.', loader: 'ts' },
      ...{ bundle: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external', write: false },
    })
    mkdirSync(dirname(outfile), { recursive: true })
    writeFileSync(outfile, outputFiles[0]?.text ?? '')
    const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, ...env } = process.env
    mkdirSync(home)
    const said = execFileSync(process.execPath, [outfile], {
      env: { ...env, HOME: home, TMPDIR: home, USERPROFILE: home },
      encoding: 'utf8',
    })
    expect(said).toBe('23 1\n')
    expect(readdirSync(home, { recursive: true })).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
    rmSync(outfile, { force: true })
  }
})
