import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeEngine } from './testing/engine.ts'
import { run } from './testing/run.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

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
