import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importKinds as kindsOfImporters } from '../connect/index.ts'
import { importKinds } from './import-kinds.ts'
import { SluiceError } from '../foundation/base/index.ts'
import { announceServer } from './running.ts'
import { fakeEngine, slate } from './testing/engine.ts'
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

describe('slate', () => {
  it('asks what was said, and shows where items came from and why', async () => {
    const engine = fakeEngine()
    const words = [
      'slate',
      'home',
      '--data',
      '.',
      '--user',
      'u1',
      '--limit',
      '3',
      '--country',
      'SE',
      '--exclude',
      'i8',
      'i9',
    ]
    const { code, out } = await run([...words, '--filter', '{"field":"category","is":"jazz"}'], { folder, engine })
    expect(code).toBe(0)
    expect(JSON.parse(engine.done[1].slice('slate '.length))).toEqual({
      surface: 'home',
      user: 'u1',
      limit: 3,
      exclude: ['i8', 'i9'],
      filter: { field: 'category', is: 'jazz' },
      context: { country: 'SE' },
    })
    expect(out).toMatchInlineSnapshot(`
      "┌───┬─────────────────────┬───────┬──────────────────┬──────────────────────────────────────────────┐
      │ # │ title               │ score │ sources          │ why                                          │
      ├───┼─────────────────────┼───────┼──────────────────┼──────────────────────────────────────────────┤
      │ 0 │ Trains of the north │ 1.250 │ covisit, popular │ Others who watched Piano at night watched it │
      └───┴─────────────────────┴───────┴──────────────────┴──────────────────────────────────────────────┘
      slate s1 · rung partial · 17.3 ms · from the viewer’s history · retrieve late
      "
    `)
  })

  it.each([
    ['ERR_ITEM_REQUIRED', /without --item: say which item/],
    ['ERR_QUERY_REQUIRED', /without --query: say what/],
  ] as const)('names what is missing as it is typed: %s', async (error, says) => {
    const slate = () => Promise.reject(new SluiceError(error, ['next']))
    const { code, err } = await run(['slate', 'next', '--data', '.'], { folder, engine: fakeEngine({ slate }) })
    expect(code).toBe(1)
    expect(err).toMatch(says)
  })

  it('gives a person the command that goes on, and nobody else', async () => {
    const engine = () => fakeEngine({ slate: async () => ({ ...slate, cursor: 'abc.def' }) })
    const words = ['slate', 'home', '--data', '.', '--user', 'u 1', '--limit', '1', '--exclude', 'a', 'b', '--key', 'k']
    const person = await run(words, { folder, engine: engine(), answers: [] })
    expect(person.err).toBe(
      "The next ones: npx sluice slate home --data . --user 'u 1' --limit 1 --cursor abc.def --exclude a --exclude b\n",
    )
    expect((await run(words, { folder, engine: engine() })).err).toBe('')
  })

  it('gives the answer as one line of JSON', async () => {
    const { out } = await run(['slate', 'home', '--data', '.', '--json'], { folder })
    expect(out.split('\n')).toHaveLength(2)
    expect(JSON.parse(out)).toEqual(slate)
  })

  it('refuses what the API would refuse, and says where', async () => {
    const { code, err } = await run(['slate', 'home', '--data', '.', '--country', 'Sweden'], { folder })
    expect(code).toBe(1)
    expect(err).toMatch(/\/context\/country.*ERR_BODY_INVALID/)
  })
})

describe('the other reading commands', () => {
  it('explain shows the funnel, removals by reason and the parts of a score, largest first', async () => {
    const { out } = await run(['explain', 's1', '--data', '.'], { folder })
    expect(out).toContain('retrieve 1,000 → rank 200 → slate 20')
    expect(out).toMatch(/seen\s+│\s+12 │ the item was already seen by the viewer/)
    expect(out).not.toContain('region') // nothing was removed for it
    expect(out.indexOf('+1.500 quality')).toBeLessThan(out.indexOf('−0.250 fatigue'))
  })

  it('portfolio gives shares of all sources', async () => {
    const { out } = await run(['portfolio', '--data', '.'], { folder })
    expect(out).toMatch(/covisit\s+│\s+100.0 % │\s+100.0 % │\s+100.0 % │\s+- │/) // no click: no share
    expect(out).toContain('earns its budget')
  })

  it('status says what there is', async () => {
    const { out } = await run(['status', '--data', '.'], { folder })
    expect(out).toMatch(/items\s+2\n/)
    expect(out).toMatch(/log\s+12.3 kB\n/)
    expect(out).toMatch(
      /state in memory\s+4.0 MB: users 2.5 MB, items 1.5 MB, a 6 B, b 5 B, c 4 B, d 3 B and 2 smaller parts \(--json\)\n/,
    )
    const json = await run(['status', '--data', '.', '--json'], { folder })
    expect(JSON.parse(json.out)).toMatchObject({ events: 2, where: folder, running: false, ready: false })
  })

  it('status of a folder tells live retrieval models, though nothing waits here until they serve', async () => {
    const trained = join(folder, 'trained')
    mkdirSync(join(trained, 'models', 'two-tower'), { recursive: true })
    const pointer = { schema: 1, live: '000002', shadow: [], retired: [], before: [], removed: 0, log: [] }
    writeFileSync(join(trained, 'models', 'two-tower', 'pointer.json'), JSON.stringify(pointer))
    const { out } = await run(['status', '--data', 'trained'], { folder })
    expect(out).toMatch(/models\s+two-tower 000002/)
  })

  it('status does not take itself for a server', async () => {
    const { out, made } = await run(['status', '--data', '.'], { folder })
    expect(out).toMatch(/server\s+no server runs here; the folder was read/)
    expect(out).not.toMatch(/ready|up for/)
    expect(made).toMatchObject({ serves: false })
    const json = await run(['status', '--data', '.', '--json'], { folder })
    expect(JSON.parse(json.out)).not.toHaveProperty('uptimeSeconds')
  })

  it('events tail prints the latest, oldest first, and ends', async () => {
    const { code, out } = await run(['events', 'tail', '--data', '.', '--last', '2'], { folder })
    expect(code).toBe(0)
    expect(out).toBe(
      '2025-10-09 08:53:20 UTC  click          u1             i1\n' +
        '2025-10-09 08:54:20 UTC  search         u1             "trains"\n',
    )
    const json = await run(['events', 'tail', '--data', '.', '--last', '1', '--json'], { folder })
    expect(JSON.parse(json.out).id).toBe('e2')
  })

  it('erase says what was removed from each store', async () => {
    const engine = fakeEngine()
    const { out } = await run(['erase', 'u1', '--yes', '--data', '.'], { folder, engine })
    expect(engine.done).toContain('erase u1')
    expect(out).toBe('Erased user "u1": the profile, 2 log entries, 1 served record, 3 slates.\n')
  })

  it('evaluate passes the protocol on and marks the best row', async () => {
    const metric = (value: number) => ({ 'ndcg@10': { value, low: value - 0.01, high: value + 0.01 } })
    const evaluation = {
      protocol: 'leave-one-out' as const,
      users: 2,
      items: 30,
      notes: ['ties by row'],
      rows: [
        { name: 'popular', kind: 'baseline' as const, metrics: metric(0.1) },
        { name: 'spine', kind: 'spine' as const, metrics: metric(0.2) },
      ],
    }
    const words = ['evaluate', '--data', '.', '--protocol', 'leave-one-out', '--users', '7', '--seed', 'x']
    const { out, asked } = await run(words, { folder, evaluation })
    expect(asked).toMatchObject({ protocol: 'leave-one-out', usersMax: 7, seed: 'x', surface: 'home' })
    expect(out).toMatch(/spine\s+│ spine\s+│\s+0.2000 \* │/)
    expect(out).toContain('0.190–0.210')
    expect(out.indexOf('0.2000')).toBeLessThan(out.indexOf('0.1000'))
    const json = await run([...words, '--json'], { folder, evaluation })
    expect(JSON.parse(json.out)).toEqual(evaluation)
  })
})

describe('import and export', () => {
  it('knows the kinds that the importers know', () => {
    expect(Object.keys(importKinds).sort()).toEqual([...kindsOfImporters].sort())
  })

  it('accounts for every row and never asks for a world', async () => {
    const path = join(folder, 'good.jsonl')
    writeFileSync(path, '{"item":{"id":"i1"}}\n{"id":"e1","kind":"click","user":"u1","item":"i1","at":1}\nnot json\n')
    const { code, out, made } = await run(['import', 'jsonl', 'good.jsonl', '--data', 'new', '--json'], { folder })
    expect(code).toBe(0)
    const { rows, accepted, duplicate, rejected } = JSON.parse(out)
    expect({ rows, accepted, duplicate, rejected }).toEqual({
      rows: 3,
      accepted: 2,
      duplicate: 0,
      rejected: { ERR_ROW_JSON: 1 },
    })
    expect(made?.world).toBeUndefined()
    expect(made?.data).toBe(join(folder, 'new'))
  })

  it('fails when all was turned away, and says why', async () => {
    writeFileSync(join(folder, 'bad.jsonl'), 'no\nno\n')
    const { code, out } = await run(['import', 'jsonl', 'bad.jsonl'], { folder })
    expect(code).toBe(1)
    expect(out).toMatch(/ERR_ROW_JSON\s+│\s+2 │ 100.0 % │/)
  })

  it('looks at the path before it makes an engine', async () => {
    const { code, err, made } = await run(['import', 'jsonl', 'nothing.jsonl'], { folder })
    expect(code).toBe(1)
    expect(err).toMatch(/nothing.jsonl.*ERR_IMPORT_PATH/)
    expect(made).toBeUndefined()
  })

  it('tells of an import that is read and under way as such, not as the phase before it', async () => {
    writeFileSync(join(folder, 'slow.csv'), 'user,item,at\nu1,i1,2026-01-01\n')
    const engine = fakeEngine()
    engine.open = async (tell) => tell?.({ phase: 'warm-up', done: 0, total: 1 })
    const taken = engine.import.bind(engine)
    engine.import = async (steps, tell) => {
      const report = await taken(steps)
      tell?.({ phase: 'import', done: 1, total: 0 })
      await new Promise((done) => setTimeout(done, 1100)) // phases that take less are not told
      return report
    }
    const { err } = await run(['import', 'csv', 'slow.csv', '--data', 'slow'], { folder, engine })
    expect(err).toMatch(/^Importing: 1 in 1\.\d s$/m)
    expect(err).not.toContain('Warming up')
  })

  it('exports lines that the import takes back', async () => {
    const exported = await run(['export', 'all', '--data', '.', '--out', 'all.jsonl'], { folder })
    expect(exported.code).toBe(0)
    const { code, out } = await run(['import', 'jsonl', 'all.jsonl', '--json'], { folder })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ rows: 5, accepted: 5, rejected: {} })
  })

  it('says which file cannot be written, and where one can', async () => {
    const { code, err } = await run(['export', 'all', '--data', '.', '--out', 'nowhere/x.jsonl'], { folder })
    expect(code).toBe(1)
    expect(err).toMatch(
      /Cannot write \S+nowhere\/x.jsonl: ENOENT.*Name a file in a folder that is there.*ERR_FILE_WRITE/,
    )
    expect(err).not.toMatch(/acknowledged/)
  })

  it('exports to standard output', async () => {
    const { out } = await run(['export', 'items', '--data', '.'], { folder })
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).item.id),
    ).toEqual(['i1', 'i2'])
  })
})
