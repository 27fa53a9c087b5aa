import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sluice } from './cli-process.ts'

let cwd = ''
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sluice-import-'))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const at = (minute: number) => new Date(Date.UTC(2025, 0, 1, 0, minute)).toISOString()

describe('sluice import', () => {
  it('accounts for every row, takes its own export back, and serves it', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => `user${i % 6},item${(i * 7) % 20},${at(i)}`)
    writeFileSync(join(cwd, 'clicks.csv'), ['visitor,sku,time', ...rows, 'user1,,2025-01-01T00:00:00Z', ''].join('\n'))
    const words = ['import', 'csv', 'clicks.csv', '--column', 'user=visitor', 'item=sku', 'at=time', '--json']
    const first = await sluice([...words, '--data', 'a'], { cwd })
    expect(first).toMatchObject({ code: 0 })
    expect(JSON.parse(first.out)).toMatchObject({
      rows: 61,
      accepted: 60,
      duplicate: 0,
      rejected: { ERR_ROW_FIELD: 1 },
    })

    const again = await sluice([...words, '--data', 'a'], { cwd })
    expect(JSON.parse(again.out)).toMatchObject({ rows: 61, accepted: 0, duplicate: 60 })

    expect(await sluice(['export', 'all', '--data', 'a', '--out', 'a.jsonl'], { cwd })).toMatchObject({
      code: 0,
      out: '',
    })
    const taken = await sluice(['import', 'jsonl', 'a.jsonl', '--data', 'b', '--json'], { cwd })
    const {
      rows: lines,
      accepted,
      rejected,
    } = JSON.parse(taken.out) as { rows: number; accepted: number; rejected: object }
    expect(rejected).toEqual({})
    expect(accepted).toBe(lines)
    const same = await sluice(['import', 'jsonl', 'a.jsonl', '--data', 'b', '--json'], { cwd })
    expect(JSON.parse(same.out)).toMatchObject({ accepted: 0, duplicate: lines, items: 0, users: 0, events: 0 })
    const [a, b] = await Promise.all(['a', 'b'].map((data) => sluice(['export', 'events', '--data', data], { cwd })))
    expect(b.out).toBe(a.out)

    const slate = await sluice(['slate', 'home', '--user', 'user1', '--data', 'b', '--json'], { cwd })
    expect((JSON.parse(slate.out) as { items: unknown[] }).items.length).toBeGreaterThan(0)
    const judged = await sluice(['evaluate', '--data', 'b', '--protocol', 'leave-one-out', '--json'], { cwd })
    const report = JSON.parse(judged.out) as { protocol: string; users: number; rows: { kind: string }[] }
    expect(report).toMatchObject({ protocol: 'leave-one-out', users: 6 })
    expect(new Set(report.rows.map(({ kind }) => kind))).toContain('spine')
  })

  it('says where each record stood that was turned away', async () => {
    const lines = [
      '{"item":{"id":"a"}}',
      '{"item":{"id":"b","price":"much"}}',
      '{"id":"1","kind":"nap","item":"a","at":1}',
    ]
    writeFileSync(join(cwd, 'some.jsonl'), lines.join('\n'))
    writeFileSync(join(cwd, 'naps.csv'), 'user,item,at,kind\nu,a,2025-01-01T00:00:00Z,nap\n')
    const { out } = await sluice(['import', 'jsonl', 'some.jsonl', '--data', 'd', '--json'], { cwd })
    const { examples } = JSON.parse(out) as { examples: Record<string, string[]> }
    expect(Object.values(examples).flat()).toEqual([
      expect.stringMatching(/^some\.jsonl line 2: \/price must be number/),
      expect.stringMatching(/^some\.jsonl line 3: /),
    ])
    const table = await sluice(['import', 'csv', 'naps.csv', '--data', 'd', '--json'], { cwd })
    expect(table.out).toContain('naps.csv line 2: ')
  })

  it('fails when nothing of it can be taken', async () => {
    writeFileSync(join(cwd, 'no.jsonl'), 'no\n')
    const { code, out } = await sluice(['import', 'jsonl', 'no.jsonl', '--data', 'c', '--json'], { cwd })
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ rows: 1, accepted: 0, rejected: { ERR_ROW_JSON: 1 } })
  })
})
