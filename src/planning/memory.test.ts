import { describe, expect, it } from 'vitest'
import { createMetrics, parseSamples } from '../foundation/telemetry/index.ts'
import { INDEX_ITEMS_MOST, type Memory, memoryFor, memoryFromMetrics } from './memory.ts'

const measured: Memory = {
  ...{ items: 1000, users: 100 },
  ...{ itemBytes: 900_000, indexBytes: 100_000, userBytes: 200_000 }, // 900 + 100 an item, 2000 a user
  ...{ boundedBytes: 3e6, restBytes: 97e6 }, // 100 MB in every process
}

describe('the measured memory', () => {
  it('is parted by what each part of the state grows with', async () => {
    const metrics = createMetrics({ process: false })
    expect(memoryFromMetrics(await metrics.samples())).toBeUndefined()
    metrics.items(1000)
    metrics.users(100)
    const parts = {
      ...{ items: 500_000, lexical: 300_000, 'item.ctr': 60_000, 'creator.ctr': 10_000, popularity: 30_000 },
      ...{ users: 50_000, histories: 120_000, 'user.ctr': 30_000 },
      ...{ 'popularity.band': 500_000, 'affinity.creator': 500_000, lists: 1_000_000, 'event ids': 1_000_000 },
    }
    for (const [part, bytes] of Object.entries(parts)) metrics.stateBytes(part, bytes)
    metrics.index('towers', { size: 1000, bytes: 60_000, astray: 0, version: 1, generation: 1 })
    metrics.index('sequence', { size: 1000, bytes: 40_000, astray: 0, version: 1, generation: 1 })
    const text = `${await metrics.text()}process_resident_memory_bytes ${101.2e6}\n`
    expect(memoryFromMetrics(parseSamples(text))).toEqual(measured)
    expect(memoryFromMetrics(await metrics.samples())?.restBytes).toBe(0) // it does not tell how large it is
  })
})

describe('the memory of a plan', () => {
  it('is what it is now where nothing is planned', () => {
    const plan = memoryFor(measured, { machineBytes: 64e9 })
    expect(plan).toMatchObject({ perItem: 1000, perItemIndex: 100, perUser: 2000, bytes: 101.2e6, parts: 1 })
    expect(plan.itemsMost).toBe(47_899_800) // (64e9 x 0.75 - 100e6 - 100 x 2000) / 1000
  })

  it('needs parts for 100 M items: by memory, or by the limit of an index where memory would do', () => {
    // 100e6 x 1000 + 1e6 x 2000 = 102e9, in 47.9e9 a machine: 2.13.
    const plan = memoryFor(measured, { items: 100e6, users: 1e6, machineBytes: 64e9 })
    expect(plan).toMatchObject({ bytes: 102.1e9, parts: 3, partBytes: 34.1e9, itemsMost: 45_900_000 })
    expect(memoryFor(measured, { items: 100e6, users: 1e6, machineBytes: 1e12 })).toMatchObject({
      ...{ parts: 2, partBytes: 51.1e9, itemsMost: INDEX_ITEMS_MOST },
    })
    expect(memoryFor(measured, { items: 60e6, machineBytes: 1e12 }).parts).toBe(1)
    expect(memoryFor(measured, { items: 60e6 + 1, machineBytes: 1e12 }).parts).toBe(2)
  })

  it('says that a machine is too small for a process at all, and takes no nonsense', () => {
    expect(memoryFor(measured, { machineBytes: 0.1e9 })).toMatchObject({ parts: undefined, itemsMost: 0 })
    expect(() => memoryFor(measured, { items: Number.NaN, machineBytes: 1 })).toThrow(RangeError)
    expect(memoryFor({ ...measured, users: 0, userBytes: 0 }, { users: 5, machineBytes: 64e9 }).perUser).toBe(0)
  })
})
