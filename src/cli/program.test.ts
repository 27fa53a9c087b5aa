import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announceServer } from './running.ts'
import { fakeEngine } from './testing/engine.ts'
import { run } from './testing/run.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('misuse', () => {
  it.each([
    ['no command', [], /Usage: sluice/],
    ['an unknown command, with the near one', ['slat'], /unknown command 'slat'.*Did you mean slate/],
    ['an unknown option, with the near one', ['slate', 'home', '--usr', 'u'], /unknown option '--usr'.*--user/],
    ['a missing argument', ['slate'], /missing required argument 'surface'/],
    ['a limit out of range', ['slate', 'home', '--limit', '0'], /whole number from 1 to 200/],
    ['a filter that is no JSON', ['slate', 'home', '--filter', '{'], /must be a JSON object/],
    ['an unknown kind of import', ['import', 'xml', 'x'], /Allowed choices are movielens, retailrocket/],
    ['a column without a name', ['import', 'csv', 'x', '--column', '=a'], /name=theirs/],
    ['a scale for ratings that have one', ['import', 'movielens', 'x', '--rating-max', '10'], /is for csv and parquet/],
    [
      'learning from the stream by the sequence model',
      ['learn', 'sequence'],
      /sequence does not learn from the stream: .*sluice train sequence/,
    ],
    ['learning by a model of no name', ['learn', 'x'], /Allowed choices are wdl, din/],
    ['an unknown protocol', ['evaluate', '--protocol', 'x'], /leave-one-out, time-split/],
    ['an address that is none', ['status', '--url', 'here'], /http:\/\/127/],
    ['an erasure without --yes', ['erase', 'u1', '--data', '.'], /add --yes/],
    [
      'a search for the edge on a slope',
      ['load', '--find-break', '--profile', 'ramp'],
      /does not go with --profile ramp/,
    ],
    ['a mix that is none', ['load', '--surface-mix', 'home:x'], /home:80,next:200/],
  ])('refuses %s with exit code 2 and one line', async (_, words, says) => {
    const { code, out, err } = await run(words, { folder })
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toMatch(says)
    if (words.length > 0) expect(err.trim().split('\n')).toHaveLength(1)
  })

  it.each([
    ['plan', /Usage: sluice plan/, /error: Name one of the commands above\n$/],
    ['models', /Usage: sluice models/, /error: Name one of the commands above\n$/],
    ['help slat', /^/, /^error: unknown command 'slat'.*Did you mean slate/],
  ])('says of %s what to name', async (words, shows, says) => {
    const { code, err } = await run(words.split(' '), { folder })
    expect(code).toBe(2)
    expect(err).toMatch(shows)
    expect(err).toMatch(says)
    expect(err).not.toContain('outputHelp')
  })

  it('says it as JSON when JSON was asked for', async () => {
    const { err } = await run(['slate', 'home', '--limit', 'x', '--json'], { folder })
    expect(JSON.parse(err)).toEqual({ error: { code: 'ERR_USAGE', message: expect.stringContaining('whole number') } })
  })
})

describe('failures', () => {
  it('names the missing data folder, and makes none', async () => {
    const { code, err } = await run(['slate', 'home', '--data', 'nowhere'], { folder })
    expect(code).toBe(1)
    expect(err).toMatch(/nowhere: it does not exist.*\(ERR_DATA_MISSING\)\n$/)
  })

  it('keeps the code of the engine in JSON', async () => {
    const { code, out, err } = await run(['explain', 'x', '--data', '.', '--json'], { folder })
    expect(code).toBe(1)
    expect(out).toBe('')
    const last = err.trim().split('\n').at(-1) as string
    expect(JSON.parse(last).error.code).toBe('ERR_SLATE_NOT_FOUND')
  })

  it('says which process holds the folder, and where it serves', async () => {
    const data = join(folder, 'served')
    mkdirSync(data)
    announceServer(data, { pid: process.pid, url: 'http://127.0.0.1:9' })
    for (const words of [['import', 'jsonl', 'x'], ['up']]) {
      const { code, err } = await run([...words, '--data', data], { folder, holder: { pid: process.pid } })
      expect(code).toBe(1)
      expect(err).toMatch(/process \d+ \(a server at http:\/\/127.0.0.1:9\) has it open.*ERR_DATA_IN_USE/)
      const other = await run([...words, '--data', data], { folder, holder: { pid: 4711 } })
      expect(other.err).toMatch(/process 4711 has it open/) // the note is not from who holds it
    }
  })

  it('says that a server cannot be reached', async () => {
    const { code, err } = await run(['status', '--url', 'http://127.0.0.1:9'], { folder })
    expect(code).toBe(1)
    expect(err).toMatch(/Cannot reach the server at http:\/\/127.0.0.1:9.*ERR_SERVER_UNREACHABLE/)
  })

  it('closes the engine when the question fails', async () => {
    const engine = fakeEngine()
    await run(['explain', 'x', '--data', '.'], { folder, engine })
    expect(engine.done).toEqual(['open', 'close'])
  })
})
