import { expect, it } from 'vitest'
import { flatFigures } from './figures.ts'

it('names a figure, and the ends of its interval where it has one', () => {
  const interval = { value: 0.5, low: 0.4, high: 0.6 }
  const figures = {
    interval,
    'head.auc': { ...interval, low: null, high: null },
    count: 3,
    none: null,
    odd: Number.NaN,
  }
  expect(flatFigures(figures)).toEqual({
    ...{ interval: 0.5, 'interval.low': 0.4, 'interval.high': 0.6 },
    ...{ 'head.auc': 0.5, count: 3 },
  })
})
