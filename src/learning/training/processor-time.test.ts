import { describe, expect, it } from 'vitest'
import { processorP99 } from './processor-time.ts'

/** A clock of the processor that says what each run costs. */
function costing(costs: readonly number[]): { work: () => Promise<void>; cpuMs: () => number; runs: () => number } {
  let [now, run] = [0, 0]
  return {
    work: async () => {
      now += costs[run++ % costs.length] as number
    },
    cpuMs: () => now,
    runs: () => run,
  }
}

describe('processorP99', () => {
  it('is what 99 of 100 runs stay within, without those that warm up', async () => {
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1)
    const steady = costing(hundred)
    expect(await processorP99(100, steady.work, steady.cpuMs)).toBe(99)
    expect(steady.runs()).toBe(20 + 300)
  })

  it('is not moved by a neighbour that disturbs some of the rounds', async () => {
    const disturbed = costing([...Array(10).fill(2), ...Array(10).fill(14), ...Array(10).fill(2), ...Array(10).fill(9)])
    expect(await processorP99(10, disturbed.work, disturbed.cpuMs)).toBe(2)
  })

  it('says of work that is dear in every round that it is, and of none that nothing is known', async () => {
    const dear = costing([14])
    expect(await processorP99(10, dear.work, dear.cpuMs)).toBe(14)
    expect(await processorP99(0, dear.work, dear.cpuMs)).toBeNaN()
  })
})
