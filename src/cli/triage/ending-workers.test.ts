import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { injectionOf } from '../../app/index.ts'
import { calm, RealPlatform } from './testing/platform.ts'

const platform = new RealPlatform()

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.js']) // the threads run what is built
  await platform.start({ ...calm(), server: { workers: 2 } })
  await platform.visited(1)
})
afterAll(async () => {
  await platform.stop()
  platform.remove()
})

describe('workers that end by themselves', () => {
  it.each([
    ['all, at every request', 1, /^workers (end|missing)$/, /set server\.workers to 0/],
    ['now and then', 0.1, /^workers (end|missing)$/, /"a thread that makes slates has ended" in the log/],
  ])('%s: they are named, before the requests that wait for want of them', async (_, share, sign, wayOut) => {
    platform.running.injectFaults([injectionOf('worker-killed', share)])
    await platform.visited(1)
    const { layer, findings, advice } = await platform.look(2, { unknown: true, crowd: 40 })
    platform.running.injectFaults([])
    expect(layer).toBe('workers')
    expect(findings[0]).toMatchObject({ sign: expect.stringMatching(sign), subject: 'workers' })
    expect(advice?.action).toBe('mitigate')
    expect(advice?.steps.join('\n')).toMatch(wayOut)
    expect(await platform.paste(advice?.steps.find((step) => step.startsWith('sluice status')) ?? '')).toMatch(
      /workers +\d of 2 make slates; 0: .*lost/,
    )
  })
})
