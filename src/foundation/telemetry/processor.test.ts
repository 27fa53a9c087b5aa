import { describe, expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'
import { total } from './exposition.ts'
import { processorTimes } from './processor.ts'

describe('the time of the thread that serves', () => {
  it('is what the scheduler says, in seconds: it ran, and it waited for a core', () => {
    expect(processorTimes(() => '24946516167 57655395160 23428\n')).toEqual({ ran: 24.946516167, waited: 57.65539516 })
  })

  it('is not known where nobody says, or what is said is nothing', () => {
    const missing = () => {
      throw new Error('ENOENT')
    }
    for (const read of [missing, () => '', () => '0 0 0\n', () => 'x y z']) expect(processorTimes(read)).toBeUndefined()
  })

  it.runIf(process.platform === 'linux')('grows in the metrics by what was worked', async () => {
    const metrics = createMetrics()
    const ran = async () => total(await metrics.samples(), 'sluice_processor_seconds_total', { state: 'ran' })
    const before = await ran()
    const until = performance.now() + 100
    while (performance.now() < until); // on a busy machine a part of it
    const after = await ran()
    expect(before).toBeGreaterThan(0)
    expect(after).toBeGreaterThan(before)
    expect(after).toBeLessThan(process.uptime() + 1) // read twice, it is not counted twice
  })
})
