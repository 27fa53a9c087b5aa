import { describe, expect, it } from 'vitest'
import type { Trial } from '../sweep/index.ts'
import { chart } from './plot.ts'
import { readRecord, runPage, sparkline, sweepPage } from './index.ts'

const progress = (step: number, loss: number, rest: object = {}) =>
  JSON.stringify({ kind: 'progress', phase: 'train', epoch: 1, epochs: 1, step, steps: 4, loss, ...rest })
const validated = { phase: 'validate', metrics: { 'click.auc': 0.7, 'click.auc.low': 0.6 } }
const lines = [
  progress(1, 0.9),
  progress(3, 0.8),
  progress(2, 0.5), // continued from step 1 after a kill
  progress(3, 0.4),
  '{"kind":"progress","phase":"tr',
  progress(3, 0.4, validated),
  JSON.stringify({
    kind: 'run',
    name: 'din',
    config: { width: 8 },
    metrics: { 'click.auc': 0.71 },
    examples: 10,
    bestEpoch: 1,
    done: true,
    seconds: 2,
  }),
].join('\n')

describe('a record', () => {
  it('is read in order of steps, the later telling of a step, without what was cut short', () => {
    const { points, end } = readRecord(lines)
    expect(points.map(({ phase, step, loss }) => [phase, step, loss])).toEqual([
      ['train', 1, 0.9],
      ['train', 2, 0.5],
      ['train', 3, 0.4],
      ['validate', 3, 0.4],
    ])
    expect(end).toMatchObject({ examples: 10, bestEpoch: 1 })
    expect(readRecord('').end).toBeUndefined()
  })

  it('becomes a page of its own: every figure, nothing to load', () => {
    const text = runPage('din/000001 <now>', readRecord(lines))
    expect(text).toContain('din/000001 &lt;now&gt;')
    expect(text).toContain('<td>0.71000</td>')
    expect(text.match(/<svg/g)).toHaveLength(2)
    expect(text).not.toMatch(/src=|href=|@import/)
  })
})

describe('a chart', () => {
  it('puts the lowest value at the bottom, the highest at the top', () => {
    const drawn = chart({
      title: 't',
      x: 'x',
      series: [
        {
          name: 's',
          points: [
            [0, 1],
            [10, 3],
            [5, Number.NaN],
          ],
        },
      ],
    })
    expect(drawn).toContain('points="64.0,240.0 704.0,28.0"')
    expect(chart({ title: 't', x: 'x', series: [{ name: 's', points: [[2, 7]] }] })).toContain('points="384.0,134.0"')
  })
})

it('a sparkline goes from the lowest to the highest bar', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█')
  expect(sparkline([3, 3, 3])).toBe('▁▁▁')
  expect(sparkline([0, 0, 7, 7], 2)).toBe('▁█')
  expect(sparkline([Number.NaN, 1, 2])).toBe('▁█')
  expect(sparkline([])).toBe('')
})

it('a sweep becomes a page with a chart for each setting', () => {
  const trial = (number: number, rate: number, value: number | null) =>
    ({ trial: number, rung: 0, settings: { rate, size: 2 }, value }) as unknown as Trial
  const text = sweepPage('s', [trial(0, 0.1, 0.5), trial(1, 0.2, null), trial(2, 0.3, 0.7)])
  expect(text).toContain('value by rate')
  expect(text).toContain('value by size')
  expect(text.match(/<circle/g)).toHaveLength(4)
})
