import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { completeConfig } from '../domain/index.ts'
import { loadConfig } from './config-file.ts'
import { run } from './testing/run.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-config-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)

describe('loadConfig', () => {
  it('is the defaults where no file is', async () => {
    expect(await loadConfig(folder)).toEqual({ config: completeConfig(), file: undefined })
  })

  it.each([
    [
      'sluice.config.ts',
      `import { defineConfig } from 'sluice'\nconst port: number = 9\nexport default defineConfig({ server: { port } })`,
    ],
    ['sluice.config.js', `import { defineConfig } from 'sluice'\nexport default defineConfig({ server: { port: 9 } })`],
    ['sluice.config.mjs', 'export default { server: { port: 9 } }'],
    ['sluice.config.json', '{"server":{"port":9}}'],
  ])('takes %s, anywhere on the disk', async (name, text) => {
    write(name, text)
    const { config, file } = await loadConfig(folder)
    expect(config.server.port).toBe(9)
    expect(file).toBe(join(folder, name))
  })

  it('prefers what is named', async () => {
    write('sluice.config.json', '{"server":{"port":9}}')
    write('other.json', '{"server":{"port":10}}')
    expect((await loadConfig(folder, 'other.json')).config.server.port).toBe(10)
  })

  it.each([
    [
      'an option that is out of range',
      'c.json',
      '{"server":{"port":-1}}',
      /c\.json: option \/server\/port must be >= 0/,
    ],
    [
      'an option that there is none of',
      'c.json',
      '{"server":{"prot":1}}',
      /c\.json: option \/server\/prot is not a known property/,
    ],
    [
      'three options at once',
      'c.json',
      '{"surfaces":{"home":{"limt":1,"limit":1.5}},"server":{"port":"x"},"events":{"futureMs":-1}}',
      /option \/surfaces\/home\/limt is not a known property: did you mean "limit"\? .*; \/surfaces\/home\/limit must be integer, not 1\.5; \/events\/futureMs must be >= 0, not -1; and more$/,
    ],
    [
      'a syntax of TypeScript',
      'c.ts',
      'export default {\n  server: {}\n  events: {} }\n',
      /c\.ts cannot be read: .*Unexpected token.* in line 3$/,
    ],
    ['broken JSON', 'c.json', '{', /c\.json cannot be read: /],
    ['a module that throws', 'c.mjs', 'throw new Error("no key in the environment")', /c\.mjs cannot be read: no key/],
    ['a module without a default', 'c.mjs', 'export const a = 1', /c\.mjs/],
    ['a list', 'c.json', '[]', /c\.json must export a configuration/],
    ['a file that is not there', 'd.json', '', /d\.json does not exist/],
  ])('says what is wrong with %s', async (_, name, text, says) => {
    if (text) write(name, text)
    await expect(loadConfig(folder, name)).rejects.toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      message: expect.stringMatching(says),
    })
  })
})

describe('sluice config', () => {
  it('prints what takes effect, without the secrets', async () => {
    write('sluice.config.json', '{"server":{"apiKeys":[{"key":"very-secret","rights":["read"]}]}}')
    const { code, out, err } = await run(['config'], { folder })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ server: { port: 8787, apiKeys: [{ key: '***', rights: ['read'] }] } })
    expect(err).toContain('sluice.config.json')
    expect(out + err).not.toContain('very-secret')
  })

  it('checks a file', async () => {
    write('good.json', '{}')
    write('bad.json', '{"surfaces":{"home":{"limit":"many"}}}')
    expect(await run(['config', '--check', 'good.json'], { folder })).toMatchObject({
      code: 0,
      out: `${join(folder, 'good.json')} is right.\n`,
    })
    const bad = await run(['config', '--check', 'bad.json'], { folder })
    expect(bad.code).toBe(1)
    expect(bad.err).toMatch(/bad\.json: option \/surfaces\/home\/limit .*ERR_CONFIG_INVALID/)
  })

  it('checks the file of the folder when none is named', async () => {
    write('sluice.config.json', '{"server":{"prot":1}}')
    expect((await run(['config', '--check'], { folder })).err).toMatch(/sluice\.config\.json: option \/server\/prot/)
    rmSync(join(folder, 'sluice.config.json'))
    const { code, out } = await run(['config', '--check'], { folder })
    expect({ code, out }).toEqual({
      code: 0,
      out: 'There is no configuration file here. The defaults hold, and that is right.\n',
    })
  })

  it.each([
    [
      'a source',
      '{"surfaces":{"home":{"sources":{"slimm":{"limit":1,"weight":1}}}}}',
      /sources\/slimm names no source: "slimm"; did you mean "slim"\? Known: sequence,/,
    ],
    [
      'a source without its values, before what it lacks',
      '{"surfaces":{"home":{"sources":{"slimm":{},"popular":{"limit":10}}}}}',
      /option \/surfaces\/home\/sources\/slimm names no source: "slimm"; did you mean "slim"\?/,
    ],
    [
      'a source that is shed',
      '{"budgets":{"profiles":{"50ms":{"shed":["populr"]}}}}',
      /shed\/0 names no source: "populr"; did you mean "popular"/,
    ],
    [
      'the surface of a pin',
      '{"retrieval":{"pins":[{"item":"a","surface":"hme"}]}}',
      /pins\/0\/surface names no surface: "hme"; did you mean "home"/,
    ],
    [
      'a model with settings',
      '{"learning":{"settings":{"bts":{"lr":1}}}}',
      /settings\/bts names no model .*did you mean "bst"/,
    ],
    [
      'a setting',
      '{"learning":{"settings":{"bst-isolated":{"lrr":1}}}}',
      /settings\/bst-isolated is wrong: Cannot set lrr: did you mean "lr"\? Known: lr, dim, /,
    ],
    [
      'the value of a setting',
      '{"learning":{"settings":{"wdl":{"lr":-1}}}}',
      /settings\/wdl is wrong: .*denseRate must be above 0, not -1 \(lr is denseRate\)/,
    ],
    [
      'a setting of a retrieval model',
      '{"learning":{"settings":{"two-tower":{"logQ":"off"}}}}',
      /settings\/two-tower is wrong: .*logQ must be true or false, not off/,
    ],
    [
      'a retrieval model for ranking',
      '{"ranking":{"fine":"two-tower"}}',
      /Cannot use the configuration: .*bad\.json: option \/ranking\/fine names a retrieval model: "two-tower" finds items and ranks none; known: wdl,/,
    ],
    ['an open host', '{"server":{"host":"0.0.0.0"}}', /Cannot listen on 0\.0\.0\.0 without API keys/],
  ])('refuses %s that up would not take or would not read', async (_, text, says) => {
    write('bad.json', text)
    const { code, out, err } = await run(['config', '--check', 'bad.json'], { folder })
    expect({ code, out, err }).toEqual({ code: 1, out: '', err: expect.stringMatching(says) })
  })

  it('notes a model that is not there, which may be one of your own', async () => {
    write('own.json', '{"ranking":{"fine":"bst-isolatd"}}')
    const { code, out, err } = await run(['config', '--check', 'own.json'], { folder })
    expect(code).toBe(0)
    expect(out).toMatch(/is right, but for what is noted\.$/m)
    expect(err).toMatch(/ranking\.fine names a model that is not there: "bst-isolatd"; did you mean "bst-isolated"\?/)
    expect(err).toMatch(/A server with that folder does not start until it is added: sluice models add/)
    const json = await run(['config', '--check', 'own.json', '--json'], { folder })
    expect(JSON.parse(json.out)).toMatchObject({ ok: true, notes: [expect.stringContaining('bst-isolatd')] })
  })
})

describe('faults that are found after the file was read', () => {
  it('name the file and the option, too', async () => {
    write('c.json', '{"learning":{"settings":{"bst":{"lr":-1}}}}')
    const { code, err } = await run(['config', '--check', 'c.json'], { folder })
    expect([code, err]).toEqual([1, expect.stringContaining('c.json: option /learning/settings/bst is wrong: ')])
  })
})
