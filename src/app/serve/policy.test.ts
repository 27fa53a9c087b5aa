import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { completeConfig, type ConfigInput, type SlateRequest } from '../../domain/index.ts'
import { manualClock } from '../../foundation/base/index.ts'
import { createEngine } from '../create-engine.ts'
import type { Engine } from '../engine.ts'

const NOW = Date.UTC(2026, 0, 2)
let data = ''
let engine: Engine
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'sluice-policy-'))
})
afterEach(async () => {
  await engine.close()
  rmSync(data, { recursive: true, force: true })
})

async function opened(config: ConfigInput = {}): Promise<void> {
  engine = createEngine({ data, config: completeConfig(config), clock: manualClock(NOW) })
  await engine.open()
}

async function shown(request: Partial<SlateRequest>): Promise<string[]> {
  const { items } = await engine.slate({ surface: 'home', ...request })
  return items.map(({ item }) => item).sort()
}

describe('what a viewer waved away or reported', () => {
  const catalogue = ['i0', 'i1', 'i2', 'i3'].map((id) => ({ id }))
  const dismissed = { kind: 'report', user: 'u1', item: 'i3', at: NOW - 1000 }

  it('is not shown again to one who did nothing else', async () => {
    await opened()
    await engine.putItems(catalogue)
    await engine.events([{ id: 'e1', ...dismissed }])
    expect(await shown({ user: 'u1' })).toEqual(['i0', 'i1', 'i2'])
    expect(await shown({ user: 'u2' })).toEqual(['i0', 'i1', 'i2', 'i3'])
  })

  it('nor to one whose only item it was', async () => {
    await opened()
    await engine.putItems(catalogue)
    await engine.events([
      { id: 'e0', kind: 'click', user: 'u1', item: 'i3', at: NOW - 2000 },
      { id: 'e1', ...dismissed },
    ])
    expect(await shown({ user: 'u1' })).toEqual(['i0', 'i1', 'i2'])
  })
})
