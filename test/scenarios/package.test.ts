import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const modules = join(root, 'node_modules')
const home = mkdtempSync(join(tmpdir(), 'sluice-package-'))
const installed = join(home, 'node_modules', 'sluice')
const node = (...words: string[]) => execFileSync(process.execPath, words, { cwd: home, encoding: 'utf8' })

/** What npm would pack, laid out as it is installed, with the declarations that are made before packing. */
beforeAll(() => {
  mkdirSync(installed, { recursive: true })
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', home], {
      ...{ cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    }),
  )
  execFileSync('tar', ['-xzf', join(home, packed.filename), '--strip-components=1', '-C', installed])
  execFileSync(process.execPath, [join(root, 'scripts/declare.js'), join(installed, 'dist')])
  for (const name of readdirSync(modules)) {
    if (!name.startsWith('.')) symlinkSync(join(modules, name), join(home, 'node_modules', name))
  }
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }')
}, 240_000)
afterAll(() => rmSync(home, { recursive: true, force: true }))

const PROGRAM = `
import { completeConfig, type ConfigInput, createEngine, type Slate, SluiceError } from 'sluice'
const given: ConfigInput = { surfaces: { home: { limit: 3 } } }
const engine = createEngine({ data: 'platform', config: completeConfig(given) })
await engine.open()
await engine.putItems([{ id: 'a', title: 'A' }, { id: 'b', title: 'B' }])
const slate: Slate = await engine.slate({ surface: 'home', user: 'ann' })
const failed: unknown = await engine.slate({ surface: 'nowhere' }).catch((error: unknown) => error)
const code: string = failed instanceof SluiceError ? failed.code : 'none'
console.log(slate.items.map(({ item }) => item).sort().join(), code)
await engine.close()
`

/** Errors of a compiler at its strictest, of a project that has the package installed and knows nothing of its sources. */
function errorsOf(program: string, more: object = {}): string[] {
  writeFileSync(join(home, 'program.ts'), program)
  const options = { module: 'nodenext', target: 'es2022', strict: true, exactOptionalPropertyTypes: true }
  const compilerOptions = { ...options, skipLibCheck: true, types: ['node'], ...more }
  writeFileSync(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }))
  try {
    node(join(modules, 'typescript/bin/tsc'), '-p', home)
    return []
  } catch (error) {
    return (error as { stdout: string }).stdout.split('\n').filter((line) => line !== '')
  }
}

test('a program in TypeScript compiles against the package, and runs', () => {
  expect(errorsOf(PROGRAM)).toEqual([])
  expect(node('program.js').trim()).toBe('a,b ERR_SURFACE_UNKNOWN')
}, 120_000)

test('what the package says of its values is true', () => {
  const wrong = `
import { completeConfig, createEngine } from 'sluice'
createEngine({ data: 'platform', config: completeConfig({ surfaces: { home: { limit: 'three' } } }) })
import { trainModels } from 'sluice'
import { Config } from 'sluice'
console.log(Config, trainModels)
`
  expect(errorsOf(wrong).map((line) => line.replace(/^program\.ts\((\d+),.*error (TS\d+).*$/, '$1 $2'))).toEqual([
    '3 TS2322',
    '4 TS2305',
    '6 TS1362',
  ])
}, 120_000)

test('the client compiles for a page, and needs nothing but what a browser has', () => {
  const page = `
import { createClient, type Slate } from 'sluice/client'
const client = createClient({ url: location.origin, events: { onLost: (events) => console.warn(events.length) } })
const slate: Slate = await client.slate({ surface: 'home', user: 'ann' })
client.send({ kind: 'click', user: 'ann', item: slate.items[0]?.item ?? '', slate: slate.slate })
`
  expect(errorsOf(page, { types: [], lib: ['es2022', 'dom'] })).toEqual([])
  const needed = (file: string): string[] =>
    [...readFileSync(file, 'utf8').matchAll(/(?:from|import) ?\(?["']([^"']+)["']/g)].flatMap(([, name = '']) =>
      name.startsWith('.') ? needed(join(dirname(file), name)) : [name],
    )
  expect(needed(join(installed, 'dist/client.js'))).toEqual([])
}, 120_000)

test('the package has what it takes to run, and neither sources nor tests', () => {
  const files = readdirSync(installed, { recursive: true }).map(String)
  expect(files.filter((file) => /\.ts$/.test(file)).sort()).toEqual([
    'dist/client.d.ts',
    'dist/index.d.ts',
    'sluice.config.example.ts',
  ])
  expect(node('node_modules/sluice/bin/sluice.js', '--version')).toMatch(/^\d+\.\d+\.\d+/)
})
