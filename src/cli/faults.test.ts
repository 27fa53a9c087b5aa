import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeEngine } from './testing/engine.ts'
import { run } from './testing/run.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-faults-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('sluice faults', () => {
  it('tells what there is without changing it', async () => {
    const engine = fakeEngine()
    const { code, out } = await run(['faults', '--data', '.'], { folder, engine })
    expect(code).toBe(0)
    expect(out).toMatch(/ranker-memory .* the fine ranker finds no memory .* popular/)
    expect(engine.done.filter((one) => one.startsWith('faults'))).toEqual([])
  })

  it('injects in place of what was injected, and ends it', async () => {
    const engine = fakeEngine()
    const told = await run(['faults', 'ranker-slow:0.5:80', 'index-down', '--data', '.'], { folder, engine })
    expect(told.out).toMatch(/ranker-slow\s+│ 50 %, 80\.0 ms/)
    const ended = await run(['faults', '--off', '--data', '.', '--json'], { folder, engine })
    expect(JSON.parse(ended.out)).toEqual({ allowed: true, active: [] })
    const both = '[{"fault":"ranker-slow","probability":0.5,"ms":80},{"fault":"index-down","probability":1,"ms":0}]'
    expect(engine.done.filter((one) => one.startsWith('faults'))).toEqual([`faults ${both}`, 'faults []'])
  })

  it('says what is wrong with a fault, and touches nothing', async () => {
    const engine = fakeEngine()
    const { code, err } = await run(['faults', 'ranker-slow:7', '--data', '.'], { folder, engine })
    expect(code).toBe(1)
    expect(err).toMatch(/Cannot inject "ranker-slow": its probability must be above 0 and at most 1/)
    expect(engine.done).toEqual([])
  })
})
