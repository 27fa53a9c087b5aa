import { describe, expect, it } from 'vitest'
import { DAY, HOUR, Random } from '../../foundation/base/index.ts'
import { createMetrics, total, totalsBy } from '../../foundation/telemetry/index.ts'
import { gini } from '../../judging/metrics/index.ts'
import { Candidates, type Outcome, type Query } from '../pipeline/index.ts'
import { binOf, calibrationEdges, Predictions } from './calibration.ts'
import { Concentration } from './concentration.ts'
import { Drift } from './drift.ts'
import { Reservoir } from './reservoir.ts'
import { Watch } from './watch.ts'

describe('drift', () => {
  const add = (drift: Drift, count: number, draw: () => number) => {
    for (let i = 0; i < count; i++)
      drift.add((row) => {
        row[0] = draw()
      })
  }

  it('holds what is shown now against the day before, and sees a shift but no noise', () => {
    const random = new Random('drift')
    const drift = new Drift(['age'], new Random('lots'))
    expect(drift.rotate(0)).toBe(false)
    add(drift, 3000, () => random.normal(0, 1))
    expect(drift.next()).toEqual([]) // nothing to hold it against
    expect(drift.rotate(DAY - 1)).toBe(false)
    expect(drift.rotate(DAY)).toBe(true)
    add(drift, 2000, () => random.normal(0, 1))
    expect(drift.next()[0]?.psi).toBeLessThan(0.02)
    add(drift, 2000, () => random.normal(0.5, 1))
    // PSI of two normals one half deviation apart is (0.5)^2 = 0.25 in the limit of many bins; ten bins give a little less.
    const shifted = drift.next()[0]?.psi ?? 0
    expect(shifted).toBeGreaterThan(0.17)
    expect(shifted).toBeLessThan(0.32)
    expect(drift.rotate(2 * DAY - 1)).toBe(false)
    expect(drift.rotate(2 * DAY)).toBe(true)
    add(drift, 2000, () => random.normal(0.5, 1))
    expect(drift.next()[0]?.psi).toBeLessThan(0.15) // the new day has both
  })

  it('holds it against what the live model was trained on too, and takes up the day after a restart', () => {
    const random = new Random('trained')
    const drift = new Drift(['age'], new Random('lots'))
    drift.rotate(0)
    add(drift, 2000, () => random.normal(0, 1))
    drift.rotate(DAY)
    const own = drift.own
    drift.learnt({ of: 'bst/000001', columns: { age: { n: 5000, edges: [10], shares: [0.5, 0.5, 0] } } })
    const [day, training] = drift.next()
    expect([day?.against, training?.against]).toEqual(['day', 'training'])
    expect(day?.psi).toBeLessThan(0.02)
    expect(training?.psi).toBeGreaterThan(1) // nothing of now is above 10
    drift.learnt(undefined)
    expect(drift.next().map(({ against }) => against)).toEqual(['day'])
    const restarted = new Drift(['age'], new Random('lots'))
    restarted.restore(JSON.parse(JSON.stringify(own)))
    add(restarted, 1000, () => random.normal(0, 1))
    expect(restarted.next()[0]?.psi).toBeLessThan(0.05)
  })

  it('tells nothing of what rises and falls within the day', () => {
    const drift = new Drift(['hour', 'age'], new Random('lots'), new Set(['hour']))
    drift.rotate(0)
    const rows = (hour: number) => {
      for (let i = 0; i < 2000; i++)
        drift.add((row) => {
          row[0] = hour
          row[1] = i % 50
        })
    }
    rows(3)
    drift.rotate(DAY)
    rows(15)
    expect([drift.next(), drift.next(), drift.next()].flat().map(({ name }) => name)).toEqual(['age', 'age', 'age'])
    expect(drift.next()[0]?.psi).toBeLessThan(0.01)
  })

  it('samples fairly: each of many rows stays with equal probability', () => {
    const kept = new Float64Array(10)
    for (let trial = 0; trial < 2000; trial++) {
      const reservoir = new Reservoir(20, 1, new Random(`trial ${trial}`))
      for (let i = 0; i < 100; i++) reservoir.offer([i])
      for (const value of reservoir.column(0)) kept[Math.floor(value / 10)]++
    }
    for (const count of kept) expect(count / 4000).toBeCloseTo(1, 1) // 2000 trials x 20 kept / 10 groups
  })
})

describe('concentration', () => {
  it('equals the metric of the evaluation, ties and unshown creators included', () => {
    const shown = [7, 3, 3, 1, 1, 1, 12]
    const concentration = new Concentration()
    shown.forEach((times, creator) => {
      for (let i = 0; i < times; i++) concentration.add(creator * 700) // rows far apart: it grows
    })
    concentration.add(-1)
    expect(concentration.gini(10)).toBeCloseTo(gini(shown, 10) as number, 12)
  })

  it('forgets what is more than two hours old', () => {
    const concentration = new Concentration()
    concentration.rotate(0)
    concentration.add(0)
    concentration.rotate(HOUR)
    expect(concentration.gini(4)).toBeCloseTo(0.75, 12) // one of four has all: (n - 1) / n
    concentration.rotate(2 * HOUR)
    expect(concentration.gini(4)).toBeNull()
  })
})

describe('calibration', () => {
  it('counts an impression and a click of a place once each, in the bin of its prediction', () => {
    const predictions = new Predictions(Float32Array.of(0.25, Number.NaN, 0.03125))
    expect(predictions.outcome(0, false)).toEqual({ bin: '0.3', impressions: 1, predicted: 0.25, clicks: 0 })
    expect(predictions.outcome(0, false)).toBeUndefined()
    expect(predictions.outcome(0, true)).toEqual({ bin: '0.3', impressions: 0, predicted: 0, clicks: 1 })
    expect(predictions.outcome(0, true)).toBeUndefined()
    expect(predictions.outcome(1, true)).toBeUndefined() // nothing was predicted
    expect(predictions.outcome(2, true)).toEqual({ bin: '0.04', impressions: 1, predicted: 0.03125, clicks: 1 })
    expect(predictions.outcome(3, true)).toBeUndefined()
  })

  it('has bins up to 1, each named by its upper edge, which it holds', () => {
    expect(calibrationEdges.map(binOf)).toEqual(calibrationEdges.map(String))
    expect(binOf(0)).toBe('0.01')
    expect(binOf(0.5001)).toBe('1')
  })
})

describe('watch', () => {
  const query = { surface: 'home' } as Query

  function outcome(rows: readonly number[]): Outcome {
    const ranked = new Candidates(['popular'], rows.length)
    rows.forEach((row, i) => {
      ranked.rows[i] = row
    })
    ranked.features = new Float32Array(rows.length).fill(0.5)
    const picks = rows.map((_, index) => ({ index, propensity: 1, explored: false, pinned: false }))
    return { ranked, picks, stages: [], sources: [], removals: {}, rung: 'full', more: false } as unknown as Outcome
  }

  it('measures diversity as the mean distance of all pairs, and exposure over all creators', async () => {
    const metrics = createMetrics({ process: false })
    const watch = new Watch({
      facts: { creatorOf: (row) => row % 2, similarity: (a, b) => (a + b === 3 ? 1 : 0.5) },
      featureNames: ['age'],
      creators: () => 4,
      metrics,
    })
    watch.observe(query, outcome([1, 2, 4])) // pairs 1-2 alike, 1-4 and 2-4 half: (0 + .5 + .5) / 3
    watch.observe(query, outcome([]))
    watch.step(0)
    const samples = await metrics.samples()
    expect(total(samples, 'sluice_slate_diversity', { surface: 'home' })).toBeCloseTo(1 / 3, 12)
    expect(total(samples, 'sluice_creator_gini')).toBeCloseTo(gini([1, 2], 4) as number, 12)
    expect(samples.has('sluice_feature_drift_psi')).toBe(false) // too little to tell
  })

  it('tells the drift of every feature and of the score, one a step', async () => {
    const metrics = createMetrics({ process: false })
    const facts = { creatorOf: () => 0, similarity: () => 1 }
    const watch = new Watch({ facts, featureNames: ['age'], creators: () => 1, metrics })
    const random = new Random('scores')
    const serve = (count: number, age: number) => {
      for (let i = 0; i < count; i++) {
        const made = outcome([0])
        made.ranked.features[0] = age + random.next()
        made.ranked.scores[0] = random.next()
        watch.observe(query, made)
      }
    }
    watch.step(0)
    serve(2000, 0)
    watch.step(DAY)
    serve(2000, 10)
    watch.step(DAY + 1)
    watch.step(DAY + 2)
    const samples = await metrics.samples()
    expect(totalsBy(samples, 'sluice_feature_drift_psi', 'feature').get('age')).toBeGreaterThan(0.25)
    expect(total(samples, 'sluice_score_drift_psi')).toBeLessThan(0.1)
  })
})
