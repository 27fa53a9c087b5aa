import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { start } from './cli-process.ts'

const installed = spawnSync('redis-server', ['--version']).status === 0
if (!installed) console.log('the scene redis-killed is not tested: there is no redis-server on this machine')

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-gameday-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Told {
  passed: boolean
  scenes: {
    name: string
    slates: number
    errors: object
    eventsHeldBack: number
    rungs: Record<string, number>
    quality: { slates: number; ndcg: number; broken: number }
    recoverySeconds: number | null
  }[]
}

describe('sluice gameday', () => {
  it('breaks a server of its own under load: no request fails, no rule is broken, each failure shows on its rung', async () => {
    const scenes = ['retrieval-down', 'ranker-down+features-stale', 'log-down']
    const load = ['--world', 'small', '--rate', '10', '--events', '20', '--seconds', '1.5', '--data', 'day']
    const { ended } = start(['gameday', ...load, '--faults', ...scenes, '--json'], { cwd: folder })
    const { code, out, err } = await ended
    expect(code, err).toBe(0)
    const { passed, scenes: told } = JSON.parse(out) as Told
    expect(passed).toBe(true)
    expect(told.map(({ name }) => name)).toEqual([
      'healthy',
      'retrieval-down',
      'ranker-down + features-stale',
      'log-down',
    ])
    for (const { slates, errors, quality } of told) {
      expect(slates).toBeGreaterThan(0)
      expect(errors).toEqual({})
      expect(quality.broken).toBe(0)
      expect(quality.ndcg).toBeGreaterThan(0)
    }
    const [, retrieval, ranker, log] = told
    const below = ['cached', 'popular', 'sweep'].reduce((sum, rung) => sum + (retrieval?.rungs[rung] ?? 0), 0)
    expect(below).toBeCloseTo(1, 6)
    expect(ranker?.rungs['full'] ?? 0).toBe(0)
    expect(log?.eventsHeldBack).toBeGreaterThan(0)
  })

  it.skipIf(!installed)(
    'kills a real Redis under load: features are stale or missing, no request fails, and it comes back',
    async () => {
      const load = ['--world', 'small', '--rate', '20', '--events', '20', '--seconds', '1.5', '--data', 'day']
      const { code, out, err } = await start(['gameday', ...load, '--faults', 'redis-killed', '--json'], {
        cwd: folder,
      }).ended
      expect(code, err).toBe(0)
      const [healthy, killed] = (JSON.parse(out) as Told).scenes
      expect([healthy?.name, killed?.name]).toEqual(['healthy, on Redis', 'redis-killed'])
      expect([healthy?.errors, killed?.errors]).toEqual([{}, {}])
      const full = healthy?.rungs['full'] as number
      expect(full).toBeGreaterThan(0)
      expect(killed?.rungs['full'] ?? 0).toBeLessThan(full) // but for what was asked before the connection broke
      expect(killed?.recoverySeconds).toBeLessThan(20)
    },
  )

  it('does not begin with a fault that it does not know', async () => {
    const { code, err } = await start(['gameday', '--faults', 'no-such'], { cwd: folder }).ended
    expect(code).toBe(1)
    expect(err).toContain('known are features-slow')
  })
})
