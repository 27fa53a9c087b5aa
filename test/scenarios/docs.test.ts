import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transform } from 'esbuild'
import { packageFolder, type Started, start } from './cli-process.ts'

/**
 * The guide tells the truth: its blocks marked ```sh run and ```ts run are run here, file by file and in order, against
 * a small platform of their own. A block ```text holds after one lists what its output must contain, line by line.
 */
const guide = join(packageFolder, 'docs', 'guide')

let cwd = ''
let server: Started
let address = ''
beforeAll(async () => {
  cwd = fs.mkdtempSync(join(tmpdir(), 'sluice-docs-'))
  fs.mkdirSync(join(cwd, 'node_modules'))
  fs.symlinkSync(packageFolder, join(cwd, 'node_modules', 'sluice'), 'junction') // so that `import 'sluice'` finds it
  server = start(['up', '--world', 'small', '--port', '0', '--json'], { cwd })
  address = new URL((await server.until(/"url":"([^"]+)"/))[1] as string).host
})
afterAll(async () => {
  server.child.kill('SIGTERM')
  await server.ended
  fs.rmSync(cwd, { recursive: true, force: true })
})

interface Block {
  readonly language: string
  readonly text: string
  readonly line: number
  readonly holds: readonly string[]
}

function blocksOf(markdown: string): Block[] {
  const found: { language: string; text: string; line: number; holds: string[] }[] = []
  for (const fence of markdown.matchAll(/^```(\w+) (run|holds)\n(.*?)^```$/gms)) {
    const [, language = '', what, text = ''] = fence
    const line = markdown.slice(0, fence.index).split('\n').length
    if (what === 'run') found.push({ language, text, line, holds: [] })
    else found.at(-1)?.holds.push(...text.trimEnd().split('\n'))
  }
  return found
}

/** Runs a program; gives its exit code and all it printed. */
function run(command: string, words: readonly string[]): Promise<{ code: number | null; printed: string }> {
  return new Promise((done) => {
    const child = spawn(command, words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    const hear = (piece: Buffer) => {
      printed += piece.toString('utf8')
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('error', (error) => done({ code: null, printed: error.message }))
    child.on('close', (code) => done({ code, printed }))
  })
}

function runShell(text: string) {
  const here = text
    .replaceAll('localhost:8787', address)
    .replaceAll('npx sluice', `"${process.execPath}" "${join(packageFolder, 'bin', 'sluice.js')}"`)
  return run('sh', ['-ec', here])
}

async function runTypeScript(text: string, name: string) {
  const { code } = await transform(text.replaceAll('localhost:8787', address), { loader: 'ts', format: 'esm' })
  const path = join(cwd, `${name}.mjs`)
  fs.writeFileSync(path, code)
  return run(process.execPath, [path])
}

describe.each(fs.readdirSync(guide).filter((name) => name.endsWith('.md')))('docs/guide/%s', (name) => {
  const markdown = fs.readFileSync(join(guide, name), 'utf8')
  const blocks = blocksOf(markdown)

  it('has links that lead somewhere', () => {
    for (const [, target = ''] of markdown.matchAll(/\]\((?!http)([^)#]+)[^)]*\)/g)) {
      expect(fs.existsSync(join(guide, target)), target).toBe(true)
    }
  })

  it.each(blocks)('line $line: $language', async ({ language, text, line, holds }) => {
    const { code, printed } = language === 'sh' ? await runShell(text) : await runTypeScript(text, `${name}-${line}`)
    expect(code, printed).toBe(0)
    expect(printed).not.toContain('{"error":')
    for (const part of holds) expect(printed).toContain(part)
  })
})
