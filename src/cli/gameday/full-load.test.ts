import { afterEach, expect, it, vi } from 'vitest'
import type { LoadReport } from '../load/run.ts'
import { Tally } from '../load/tally.ts'
import type { Driving } from './drive.ts'
import { FIRST_RATE, fullLoad } from './full-load.ts'
import type { PlayOptions } from './play.ts'

/** Slates per second that the server of this test bears whole. */
let bears = 0
vi.mock('./drive.ts', () => ({
  drive: async ({ rate }: Driving): Promise<LoadReport> => {
    const slates = new Tally()
    for (let i = 0; i < 1000; i++) slates.answer(20, rate > bears && i < 100 ? 'cached' : 'full')
    return { slates: slates.report(), rate, throughput: rate } as LoadReport
  },
}))
afterEach(() => vi.clearAllMocks())

const said: string[] = []
const judge = vi.fn(async (_seconds: number, signal: AbortSignal) => expect(signal.aborted).toBe(false))
const options = { panel: { judge }, seconds: 8, signal: new AbortController().signal } as unknown as PlayOptions

it('is a tenth below the most that the server bears, with the panel asking as in a scene', async () => {
  bears = 100
  const rate = await fullLoad(options, (line) => said.push(line))
  expect(rate).toBeLessThanOrEqual(90)
  expect(rate).toBeGreaterThan(90 / 1.08)
  expect(judge).toHaveBeenCalledWith(8 * 0.95, expect.any(AbortSignal))
  expect(said.some((line) => line.includes('90 % full, p99 20 ms: too many'))).toBe(true)
})

it('says so where a healthy server bears nothing, and goes on', async () => {
  bears = 0
  expect(await fullLoad(options, (line) => said.push(line))).toBe(FIRST_RATE)
  expect(said.at(-1)).toContain('something is amiss')
})
