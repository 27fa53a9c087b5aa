import { expect, it } from 'vitest'
import { findBreak, whyBroken } from './find-break.ts'
import type { LoadReport } from './run.ts'
import { Tally } from './tally.ts'

/** What a run at a rate would report of a server that bears `capacity`. */
function reportOf(rate: number, { ms = 5, failed = 0, throughput = rate, rung = 'full' } = {}): LoadReport {
  const slates = new Tally()
  for (let i = 0; i < 1000 - failed; i++) slates.answer(ms, i < 100 ? rung : 'full')
  for (let i = 0; i < failed; i++) slates.fail(ms, 'ERR_OVERLOADED')
  return { slates: slates.report(), rate, throughput } as LoadReport
}
const limits = { p99Ms: 100 }
const { signal } = new AbortController()

it('closes in on the edge to within a sixteenth', async () => {
  for (const edge of [60, 199, 1000]) {
    const told: number[] = []
    const run = async (rate: number) => reportOf(rate, rate > edge ? { ms: 400 } : {})
    const {
      holds,
      breaks = 0,
      steps,
    } = await findBreak(run, { from: 25, limits, signal }, ({ rate }) => told.push(rate))
    expect(holds).toBeLessThanOrEqual(edge)
    expect(breaks).toBeGreaterThan(edge)
    expect(breaks / holds).toBeLessThan(1.08)
    expect(steps.map(({ rate }) => rate)).toEqual(told)
    expect(new Set(told).size).toBe(told.length)
  }
})

it('says when nothing held, and when nothing broke', async () => {
  const broken = await findBreak(
    async (rate) => reportOf(rate, { ms: 101 }),
    { from: 25, limits, signal },
    () => 0,
  )
  expect(broken).toMatchObject({ holds: 0, breaks: 25, steps: { length: 1 } })
  const held = await findBreak(
    async (rate) => reportOf(rate),
    { from: 25, limits, signal },
    () => 0,
  )
  expect(held.breaks).toBeUndefined()
  expect(held.holds).toBe(held.steps.at(-1)?.rate)
})

it('asks for slates on the rung full where that is wanted', () => {
  const lower = reportOf(100, { rung: 'cached' }) // a tenth
  expect(whyBroken(lower, limits)).toEqual([])
  expect(whyBroken(lower, { ...limits, fullMin: 0.9 })).toEqual([])
  expect(whyBroken(lower, { ...limits, fullMin: 0.91 })).toEqual([]) // .0181 are two deviations of a thousand
  expect(whyBroken(lower, { ...limits, fullMin: 0.95 })).toEqual(['90 % full'])
})

it.each([
  ['slow', { ms: 150 }, /^p99 150 ms$/],
  ['failing', { failed: 2 }, /^2 failed$/],
  ['falling behind', { throughput: 80 }, /^80\/s answered$/],
  ['sound', { failed: 1 }, /^$/],
] as const)('calls %s by its name', (_, shape, says) => {
  expect(whyBroken(reportOf(100, shape), limits).join()).toMatch(says)
})
