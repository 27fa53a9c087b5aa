import { describe, expect, it } from 'vitest'
import { bucketsOf, parseSamples, quantileOf, total, totalsBy } from './exposition.ts'

const early = parseSamples(
  'wait_bucket{le="1"} 5\nwait_bucket{le="2"} 5\nwait_bucket{le="+Inf"} 5\nwait_sum 1\nwait_count 5\n',
)
const late = parseSamples(
  [
    '# HELP wait Seconds.',
    'wait_bucket{le="1"} 10',
    'wait_bucket{le="2"} 13',
    'wait_bucket{le="+Inf"} 15',
    'wait_sum 21',
    'wait_count 15',
    'calls_total{route="/a",status="200"} 3 1700000000000',
    'calls_total{route="/a",status="500"} 1',
    'calls_total{route="/b",status="200"} 2',
    'not a line of it',
  ].join('\n'),
)

describe('the Prometheus text format, read', () => {
  it('sums over series, whole and by a label', () => {
    expect(total(late, 'calls_total')).toBe(6)
    expect(total(late, 'calls_total', { status: '200' })).toBe(5)
    expect([...totalsBy(late, 'calls_total', 'route')]).toEqual([
      ['/a', 4],
      ['/b', 2],
    ])
    expect(total(late, 'nothing')).toBe(0)
  })

  it('takes the growth of a histogram between two readings', () => {
    expect(bucketsOf(late, early, 'wait')).toEqual({
      bounds: [1, 2, Number.POSITIVE_INFINITY],
      counts: [5, 3, 2],
      sum: 20,
      count: 10,
    })
  })

  it('finds quantiles as histogram_quantile does: linear inside the bucket, the last bound above', () => {
    const buckets = bucketsOf(late, early, 'wait') // 5 up to 1, 3 up to 2, 2 above
    expect(quantileOf(buckets, 0.25)).toBeCloseTo(0.5, 12) // 2.5 of the 5 in 0..1
    expect(quantileOf(buckets, 0.5)).toBeCloseTo(1, 12)
    expect(quantileOf(buckets, 0.65)).toBeCloseTo(1.5, 12) // 1.5 of the 3 in 1..2
    expect(quantileOf(buckets, 0.99)).toBe(2)
    expect(quantileOf({ bounds: [], counts: [], sum: 0, count: 0 }, 0.5)).toBeNaN()
  })
})
