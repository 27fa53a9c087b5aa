import { expect, it } from 'vitest'
import type { RungsReport } from '../app/index.ts'
import { rungsView } from './rungs-view.ts'
import { fakeTerminal } from './testing/terminal.ts'

const worth = (value: number) => ({ value, low: value - 0.02, high: value + 0.02 })
const rows: RungsReport['rows'] = [
  {
    name: 'order of the coarse model',
    standing: { rung: 'coarse' },
    configured: 0.95,
    rungs: { coarse: 9 },
    worth: worth(0.8),
  },
  {
    name: 'popular in the country',
    standing: { rung: 'popular' },
    configured: 0.75,
    rungs: { popular: 9 },
    worth: worth(0.77),
  },
  {
    name: 'degraded model, no features',
    standing: { rung: 'degraded', withoutFeatures: true },
    configured: 0.79,
    rungs: { coarse: 9 },
    worth: worth(0.5),
  },
  { name: 'every index down', rungs: { partial: 9 }, worth: worth(1.1) },
]
const quality = { partial: 1, degraded: 0.9, coarse: 0.8, retrieval: 0.4, cached: 0.9, popular: 0.77 }
const circumstances = { withoutFeatures: { partial: 0.7, degraded: 0.5 }, byHand: { degraded: 0.7, coarse: 0.4 } }
const measured = {
  ...{ users: 40, items: 250, viewers: 9, models: { bst: '000004' }, full: 0.42 },
  quality: { ...quality, ...circumstances },
}

it('tells what is worth how much, marks figures that are off, and prints the block for the configuration', () => {
  const view = rungsView(fakeTerminal('/'), { rows, measured })
  const line = (name: string) => view.split('\n').find((one) => one.includes(name))
  expect(line('order of the coarse model')).toMatch(/ coarse .* 95 % .* 80.0 % \(78.0 % to 82.0 %\) \* /)
  expect(line('popular in the country')).not.toContain('*')
  expect(line('degraded model, no features')).toMatch(/ withoutFeatures.degraded .* 79 % /)
  expect(line('degraded model, no features')).not.toContain('*') // it was never seen: it says nothing of the figure
  expect(view).toContain('Whole slates are worth 42.0 % of the best there are. Models: bst 000004.')
  expect(JSON.parse(view.slice(view.indexOf('{\n')))).toEqual({ ladder: { quality: measured.quality } })
})

it('says so where nothing can be measured', () => {
  const told = rows.slice(0, 1).map(({ rungs: _, worth: __, ...row }) => row)
  const view = rungsView(fakeTerminal('/'), { rows: told })
  expect(view).toMatch(/order of the coarse model .* coarse .* 95 %/)
  expect(view).toMatch(/Nothing was measured: this is no simulated platform/)
  expect(view).not.toContain('{')
})
