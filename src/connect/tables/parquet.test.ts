import { describe, expect, it } from 'vitest'
import { folderOf, importAll } from '../testing/imported.ts'

/** Written by pyarrow: zstd; user_id int64 (one null), product_id, event, price double (nulls), timestamp[us]. */
const shop = Buffer.from(
  'UEFSMRUEFSAVMkwVBBUAEgAAKLUv/SAQgQAABwAAAAAAAAAIAAAAAAAAABUAFRIVJCwVCBUQFQYVBhwAAAAotS/9IAlJAAACAAAAAwcBAwQVBBUeFTBMFQYVABIAACi1L/0gD3kAAAEAAABhAQAAAGIBAAAAYxUAFRQVJiwVCBUQFQYVBhwAAAAotS/9IApRAAACAAAACAECA4QAFQQVKBU6TBUEFQASAAAotS/9IBShAAAEAAAAdmlldwgAAABwdXJjaGFzZRUAFRIVJCwVCBUQFQYVBhwAAAAotS/9IAlJAAACAAAACAEBAwIVBBUgFTJMFQQVABIAACi1L/0gEIEAAAAAAAAAACNAAAAAAAAA8D8VABUSFSQsFQgVEBUGFQYcAAAAKLUv/SAJSQAAAgAAAAMKAQMCFQQVQBVMTBUIFQASAAAotS/9ICDtAACogLT3OWMXBgBAcugAMNmA7SpZFwYAAgBgxq7iBRUAFRQVJiwVCBUQFQYVBhwAAAAotS/9IApRAAACAAAACAECA+QAFQQZbDUAGAZzY2hlbWEVCgAVBCUCGAd1c2VyX2lkABUMJQIYCnByb2R1Y3RfaWQlAEwcAAAAFQwlAhgFZXZlbnQlAEwcAAAAFQolAhgFcHJpY2UAFQQlAhgJdGltZXN0YW1wJRRMjBIcLAAAAAAAFggZHBlcJgAcFQQZNQAGEBkYB3VzZXJfaWQVDBYIFnQWmAEmViYIKSwVBBUAFQIAFQAVEBUCADwpBhkmAgYAAAAmABwVDBk1AAYQGRgKcHJvZHVjdF9pZBUMFggWdBaYASbsASagASksFQQVABUCABUAFRAVAgA8FggZBhkmAAgAAAAmABwVDBk1AAYQGRgFZXZlbnQVDBYIFnwWoAEmjgMmuAIpLBUEFQAVAgAVABUQFQIAPBYoGQYZJgAIAAAAJgAcFQoZNQAGEBkYBXByaWNlFQwWCBZ0FpgBJqYEJtgDKSwVBBUAFQIAFQAVEBUCADwpBhkmBAQAAAAmABwVBBk1AAYQGRgJdGltZXN0YW1wFQwWCBaWARa0ASbYBSbwBCksFQQVABUCABUAFRAVAgA8KQYZJgAIAAAAFu4EFggmCBacBgAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjYuMC4xGVwcAAAcAAAcAAAcAAAcAAAA6QEAAFBBUjE=',
  'base64',
)
/** Written by pyarrow: snappy, three row groups of two; u, i, t (int64 seconds, falling). */
const groups = Buffer.from(
  'UEFSMRUEFQoVDkwVAhUAEgAABRABAAAAeBUAFRIVFiwVBBUQFQYVBhwAAAAJIAIAAAAEAQEEABUEFRQVGEwVBBUAEgAACiQBAAAAMAEAAAAxFQAVEhUWLBUEFRAVBhUGHAAAAAkgAgAAAAQBAQMCFQQVIBUkTBUEFQASAAAQPADxU2UAAAAA//BTZQAAAAAVABUSFRYsFQQVEBUGFQYcAAAACSACAAAABAEBAwIVBBUKFQ5MFQIVABIAAAUQAQAAAHgVABUSFRYsFQQVEBUGFQYcAAAACSACAAAABAEBBAAVBBUUFRhMFQQVABIAAAokAQAAADIBAAAAMxUAFRIVFiwVBBUQFQYVBhwAAAAJIAIAAAAEAQEDAhUEFSAVJEwVBBUAEgAAEDz+8FNlAAAAAP3wU2UAAAAAFQAVEhUWLBUEFRAVBhUGHAAAAAkgAgAAAAQBAQMCFQQVChUOTBUCFQASAAAFEAEAAAB4FQAVEhUWLBUEFRAVBhUGHAAAAAkgAgAAAAQBAQQAFQQVFBUYTBUEFQASAAAKJAEAAAA0AQAAADUVABUSFRYsFQQVEBUGFQYcAAAACSACAAAABAEBAwIVBBUgFSRMFQQVABIAABA8/PBTZQAAAAD78FNlAAAAABUAFRIVFiwVBBUQFQYVBhwAAAAJIAIAAAAEAQEDAhUEGUw1ABgGc2NoZW1hFQYAFQwlAhgBdSUATBwAAAAVDCUCGAFpJQBMHAAAABUEJQIYAXQAFgwZPBk8JgAcFQwZNQAGEBkYAXUVAhYEFl4WZiYyJggpLBUEFQAVAgAVABUQFQIAPBYEGQYZJgAEAAAAJgAcFQwZNQAGEBkYAWkVAhYEFmgWcCaiASZuKSwVBBUAFQIAFQAVEBUCADwWBBkGGSYABAAAACYAHBUEGTUABhAZGAF0FQIWBBZ0FnwmngIm3gEpLBUEFQAVAgAVABUQFQIAPCkGGSYABAAAABa6AhYEJggW0gIAGTwmABwVDBk1AAYQGRgBdRUCFgQWXhZmJoQDJtoCKSwVBBUAFQIAFQAVEBUCADwWBBkGGSYABAAAACYAHBUMGTUABhAZGAFpFQIWBBZoFnAm9AMmwAMpLBUEFQAVAgAVABUQFQIAPBYEGQYZJgAEAAAAJgAcFQQZNQAGEBkYAXQVAhYEFnQWfCbwBCawBCksFQQVABUCABUAFRAVAgA8KQYZJgAEAAAAFroCFgQm2gIW0gIAGTwmABwVDBk1AAYQGRgBdRUCFgQWXhZmJtYFJqwFKSwVBBUAFQIAFQAVEBUCADwWBBkGGSYABAAAACYAHBUMGTUABhAZGAFpFQIWBBZoFnAmxgYmkgYpLBUEFQAVAgAVABUQFQIAPBYEGQYZJgAEAAAAJgAcFQQZNQAGEBkYAXQVAhYEFnQWfCbCByaCByksFQQVABUCABUAFRAVAgA8KQYZJgAEAAAAFroCFgQmrAUW0gIAKCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI2LjAuMRk8HAAAHAAAHAAAAH8CAABQQVIx',
  'base64',
)

describe('the parquet importer', () => {
  it('reads integers, nulls, texts and timestamps', async () => {
    const all = await importAll('parquet', await folderOf({ 'shop.parquet': shop }), { columns: { value: 'price' } })
    expect(all.events.map(({ id: _, ...event }) => event)).toEqual([
      { kind: 'click', user: '8', item: 'a', at: Date.UTC(2024, 4, 1, 12, 0, 0) },
      { kind: 'purchase', user: '7', item: 'b', value: 9.5, at: Date.UTC(2024, 4, 1, 12, 0, 1) },
      { kind: 'click', user: '7', item: 'a', at: Date.UTC(2024, 4, 1, 12, 0, 2) },
    ])
    expect(all.rejects).toEqual([{ code: 'ERR_ROW_FIELD', message: 'shop.parquet row 4: has no user' }])
    expect(all.rows).toBe(4)
    const rows = all.steps.flatMap((step) => (step.put === 'event' ? [step.place?.line] : []))
    expect(rows).toEqual([3, 2, 1])
  })

  it('reads all row groups, with columns by option', async () => {
    const folder = await folderOf({ 'log.parquet': groups })
    const told: number[] = []
    const all = await importAll('parquet', folder, {
      columns: { user: 'u', item: 'i', at: 't' },
      onProgress: (read, total) => told.push(read / total),
    })
    expect(all.events.map(({ item, at }) => [item, at])).toEqual(
      [5, 4, 3, 2, 1, 0].map((i) => [String(i), (1_700_000_000 - i) * 1000]),
    )
    expect(told.at(-1)).toBeCloseTo(1, 9)
    await expect(importAll('parquet', folder)).rejects.toThrow(/no column is the user: it has u, i, t/)
  })

  it('refuses what is no Parquet file, and a truncated one', async () => {
    for (const bytes of [Buffer.from('user,item,at\n'), Buffer.alloc(0), shop.subarray(0, 200)]) {
      const read = importAll('parquet', await folderOf({ 'x.parquet': bytes }))
      await expect(read).rejects.toMatchObject({ code: 'ERR_IMPORT_PATH' })
    }
    const broken = Buffer.from(shop)
    broken.fill(0xff, 4, 300)
    await expect(importAll('parquet', await folderOf({ 'x.parquet': broken }))).rejects.toMatchObject({
      code: 'ERR_IMPORT_PATH',
    })
  })
})
