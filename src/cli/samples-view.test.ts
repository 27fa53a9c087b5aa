import { expect, it } from 'vitest'
import { type Report, reportView } from './samples-view.ts'
import { fakeTerminal } from './testing/terminal.ts'

const heads = 'click,like,follow,share,comment,dwell,complete,hide,report'
const figures = { min: -0.000123456, max: 1234567.891, mean: 12.34567, notFinite: 0, outside: 12345, correlation: 0.1 }
const report: Report = {
  ...{ requests: 39_979, impressions: 336_330, users: 4000, from: 0, until: 1, pass: true },
  heads: { click: { known: 336_330, mean: 0.0812 } },
  features: [{ name: 'category.impressions.7d.log', ...figures }],
  checks: [
    { check: 'feature digest', pass: true, value: '0a1b2c3d4e5f', limit: '0a1b2c3d4e5f', say: 'the features serve' },
    { check: 'heads', pass: true, value: heads, limit: heads, say: 'the labels are those of this version' },
    {
      check: 'features out of range',
      ...{ pass: false, value: 0.123456789, limit: 'at most 0.001' },
      say: 'share of the values of the feature that strays most: category.impressions.7d.log (12345 outside 0..1)',
    },
  ],
}

it('fits into a window of 100 columns', () => {
  const lines = reportView(fakeTerminal('/'), report).split('\n')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
  expect(lines.join(' ')).toContain('strays')
})
