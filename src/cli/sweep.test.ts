import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { reportView } from './sweep.ts'
import { run } from './testing/run.ts'
import { fakeTerminal } from './testing/terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'cli-sweep-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('says how to train by what did best, in words that can be pasted', () => {
  const settings = { 'network.hidden': [128, 64], lr: 0.002, logQ: false }
  const best = {
    kind: 'trial',
    trial: 0,
    rung: 0,
    share: 1,
    settings,
    value: 0.5,
    metrics: {},
    examples: 9,
    seconds: 1,
  } as const
  const report = { model: 'bst', run: 'bst-1', file: 'f', trials: [best], best }
  const lines = (data: string) => reportView(fakeTerminal(folder), report, data).split('\n').slice(-2)
  expect(lines('.sluice')).toEqual([
    'record: sluice runs show sweep/bst-1',
    "best: sluice train bst --set network.hidden='[128,64]' --set lr=0.002 --set logQ=false",
  ])
  expect(lines('my data').every((line) => line.endsWith(" --data 'my data'"))).toBe(true)
})

it('refuses what is given twice, under whatever name, before anything is read', async () => {
  const { code, err } = await run(['sweep', 'bst', '--data', folder, '--set', 'lr=0.1,0.2', '--set', 'denseRate=0.3'], {
    folder,
  })
  expect(code).toBe(1)
  expect(err).toContain('Cannot set denseRate: it is given twice; give all its values at once: denseRate=a,b,c')
})
