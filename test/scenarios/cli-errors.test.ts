import { mkdtempSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sluice } from './cli-process.ts'

let cwd = ''
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'sluice-errors-'))
  await sluice(['--version'], { cwd }) // the first start may build
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe('the command line, as a process', () => {
  it('prints its version and help', async () => {
    expect(await sluice(['--version'], { cwd })).toEqual({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      err: '',
    })
    const help = await sluice(['slate', '--help'], { cwd })
    expect(help.code).toBe(0)
    expect(help.out).toContain('$ sluice slate home --user u1')
  })

  it.each([
    ['nothing', [], 2, /Usage: sluice/],
    ['a near miss', ['imprt'], 2, /^error: unknown command 'imprt' \(Did you mean import\?\)\n$/],
    ['a bad argument', ['up', '--port', '99999'], 2, /^error: .*whole number from 0 to 65535/],
    ['an unknown kind', ['import', 'xml', 'x'], 2, /^error: .*Allowed choices are movielens/],
    [
      'a missing path',
      ['import', 'jsonl', 'nowhere.jsonl'],
      1,
      /^error: Cannot import .*nowhere\.jsonl.*\(ERR_IMPORT_PATH\)\n$/,
    ],
    ['a missing folder', ['portfolio'], 1, /^error: .*\.sluice: it does not exist.*\(ERR_DATA_MISSING\)\n$/],
    ['a bad environment', ['up'], 2, /PORT.*whole number/],
  ] as const)('answers %s with a line and a code', async (what, words, code, says) => {
    const ended = await sluice(words, { cwd, env: what === 'a bad environment' ? { PORT: 'x' } : {} })
    expect(ended).toEqual({ code, out: '', err: expect.stringMatching(says) })
    expect(existsSync(join(cwd, '.sluice'))).toBe(false)
  })

  it('says that the port is taken, and lets the folder go', async () => {
    const holder = createServer()
    await new Promise<void>((done) => holder.listen(0, '127.0.0.1', done))
    const { port } = holder.address() as AddressInfo
    const words = ['up', '--data', 'taken', '--world', 'none']
    const ended = await sluice(words, { cwd, env: { PORT: String(port) } })
    expect(ended).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(new RegExp(`port ${port}.*\\(ERR_PORT_IN_USE\\)`)),
    })
    const json = await sluice([...words, '--json', '--port', String(port)], { cwd })
    expect(JSON.parse(json.err)).toMatchObject({ error: { code: 'ERR_PORT_IN_USE' } })
    holder.close()
  })

  it('names the file and the option of a wrong configuration', async () => {
    writeFileSync(join(cwd, 'wrong.config.ts'), 'export default { server: { prot: 1 } }')
    const { code, err } = await sluice(['up', '--config', 'wrong.config.ts', '--data', 'x'], { cwd })
    expect(code).toBe(1)
    expect(err).toMatch(
      /wrong\.config\.ts: option \/server\/prot is not a known property: did you mean "port"\? .*\(ERR_CONFIG_INVALID\)/,
    )
  })
})
