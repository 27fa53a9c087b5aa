import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SluiceError } from '../foundation/base/index.ts'
import { fakeEngine, slate } from './testing/engine.ts'
import { run } from './testing/run.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

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
