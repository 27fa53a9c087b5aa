import { completeConfig } from '../../domain/index.ts'
import { describe, expect, it } from 'vitest'
import { classifierTwoSample, columnDrift } from '../../judging/drift/index.ts'
import { pairedDifference } from '../../judging/metrics/index.ts'
import { Random } from '../../foundation/base/index.ts'
import { type GateLimits, gateNames, type Measurements, runGates } from './index.ts'

const random = new Random('gates')
const normals = (n: number, mean = 0) => Float32Array.from({ length: n }, () => random.normal(mean))
const live = Float64Array.from({ length: 500 }, () => random.next())
const difference = (by: number) =>
  pairedDifference(
    live.map((value) => value + by + random.normal(0, 0.02)),
    live,
  )

/** Of rows of `names`, as training measures it. */
const driftOf = (reference: Float32Array, current: Float32Array, names: readonly string[]) => ({
  columns: columnDrift(reference, current, names),
  twoSample: { ...classifierTwoSample(reference, current, names.length, { names }), before: null },
})

const good: Measurements = {
  data: [{ check: 'samples', pass: true, value: 10, limit: 'at least 1' }],
  drift: driftOf(normals(4000), normals(4000), ['x', 'y']),
  offline: {
    ...{ metric: 'auc', better: 'higher', value: 0.8, against: 'live 000001' },
    ...{ difference: difference(0.02), users: live.length },
  },
  calibration: { ece: 0.01 },
  latency: { p99: 2.5, candidates: 200 },
  parity: { difference: 3e-7, rows: 1000 },
}
const limits = completeConfig({}).learning.gates
const of = (gate: string, measured: Measurements, other: Partial<GateLimits> = {}) =>
  runGates(measured, { ...limits, ...other }).find((verdict) => verdict.gate === gate)!

describe('gates', () => {
  it('run in order, each with a verdict, and let a good candidate pass', () => {
    const verdicts = runGates(good, limits)
    expect(verdicts.map(({ gate }) => gate)).toEqual(['data', 'drift', 'offline', 'calibration', 'latency', 'parity'])
    for (const verdict of verdicts) expect(verdict, JSON.stringify(verdict)).toMatchObject({ pass: true })
    expect(JSON.parse(JSON.stringify(verdicts))).toEqual(verdicts)
  })

  it('fail what was not measured; a waived one says why it passes', () => {
    expect(runGates({}, limits).map(({ pass }) => pass)).toEqual(Array(gateNames.length).fill(false))
    expect(of('drift', {}, { waived: { drift: 'there is no live version' } })).toMatchObject({
      pass: true,
      value: null,
      say: 'does not apply: there is no live version',
    })
  })

  it('hold data, calibration, latency and parity to their limits', () => {
    const data = [...good.data!, { check: 'NaN labels', pass: false, value: 3, limit: 'at most 0' }]
    expect(of('data', { data })).toMatchObject({
      pass: false,
      value: 1,
      say: expect.stringContaining('NaN labels is 3'),
    })
    expect(of('data', { data: [] }).pass).toBe(false)
    const noted = [{ ...good.data![0]!, note: 'values out of range, in item.ctr (3: -1 to 4, not 0 to 1)' }]
    expect(of('data', { data: noted })).toMatchObject({
      pass: true,
      say: expect.stringMatching(/; values out.*item.ctr/),
    })
    expect(of('calibration', { calibration: { ece: 0.02 } }).pass).toBe(true)
    expect(of('calibration', { calibration: { ece: 0.0201 } }).pass).toBe(false)
    // What chance makes of few requests is taken off first.
    expect(of('calibration', { calibration: { ece: 0.0225, low: 0.004 } })).toMatchObject({
      pass: true,
      value: 0.004,
      say: 'predicted probabilities are off by 0.0225 on average, surely by 0.004',
    })
    expect(of('calibration', { calibration: { ece: 0.05, low: 0.021 } })).toMatchObject({ pass: false, value: 0.021 })
    expect(of('calibration', { calibration: { ece: Number.NaN, low: 0.001 } }).pass).toBe(false)
    expect(of('latency', { latency: { p99: 11, candidates: 200 } })).toMatchObject({
      pass: false,
      value: 11,
      limit: 10,
    })
    expect(of('latency', { latency: { p99: 11, candidates: 200 } }, { latencyMsMax: 12 }).pass).toBe(true)
    // A verdict names the limit that was passed and the option that sets it.
    expect(of('calibration', { calibration: { ece: 0.034 } }).say).toMatch(
      /, more than 0\.02 \(learning\.gates\.eceMax\)$/,
    )
    expect(of('calibration', { calibration: { ece: 0.034 } }, { eceMax: 0.05 }).say).not.toContain('eceMax')
    expect(of('calibration', { calibration: { ece: 0.034, drawn: true } })).toMatchObject({ pass: true, limit: 0.05 })
    expect(of('calibration', { calibration: { ece: 0.051, drawn: true } }).say).toMatch(
      /, non-clicks drawn, more than 0\.05 \(learning\.gates\.eceMaxDrawn\)$/,
    )
    expect(of('latency', { latency: { p99: 11, candidates: 200 } }).say).toMatch(
      /10 \(learning\.gates\.latencyMsMax\)$/,
    )
    expect(of('parity', { parity: { difference: 1e-5, rows: 9 } }).pass).toBe(true)
    expect(of('parity', { parity: { difference: 1.01e-5, rows: 9 } }).pass).toBe(false)
    expect(of('parity', { parity: { difference: 0, rows: 0 } }).pass).toBe(false)
  })

  it('never pass a NaN', () => {
    const nan = Number.NaN
    expect(of('parity', { parity: { difference: nan, rows: 9 } })).toMatchObject({ pass: false, value: null })
    expect(of('calibration', { calibration: { ece: nan } }).pass).toBe(false)
    expect(of('latency', { latency: { p99: nan, candidates: 1 } }).pass).toBe(false)
    const bad = { value: nan, low: nan, high: nan }
    expect(of('offline', { offline: { ...good.offline!, difference: bad } }).pass).toBe(false)
  })

  it('hold the bad end of the paired interval against the margin, whichever way is good', () => {
    const offline = (by: number, better: 'higher' | 'lower' = 'higher') =>
      of('offline', { offline: { ...good.offline!, better, difference: difference(by) } })
    expect(offline(0).pass).toBe(true) // noise of 0.001 inside the margin of 0.005
    expect(offline(-0.004).pass).toBe(false)
    expect(offline(-0.02)).toMatchObject({ pass: false, limit: -0.005 })
    const beside = [{ name: 'item-kNN', value: 0.9 }]
    expect(of('offline', { offline: { ...good.offline!, difference: difference(0.02), beside } })).toMatchObject({
      pass: true,
      say: expect.stringMatching(/against live 000001; item-kNN has 0\.9$/),
    })
    expect(offline(0.02, 'lower').pass).toBe(false)
    expect(offline(-0.02, 'lower').pass).toBe(true)
    // Two users that happen to agree have an interval of no width.
    const two = pairedDifference([0.9, 0.8], [0.8, 0.7])
    expect(two?.low).toBeCloseTo(two?.high as number, 12)
    expect(of('offline', { offline: { ...good.offline!, difference: two, users: 2 } })).toMatchObject({
      pass: false,
      say: expect.stringContaining('2 users are too few to tell auc from that of live 000001: at least 10'),
    })
    expect(of('offline', { offline: { ...good.offline!, users: 10 } }).pass).toBe(true)
    expect(of('offline', { offline: { ...good.offline!, difference: null } })).toMatchObject({
      pass: false,
      value: null,
    })
  })

  it('let a version trained anew take the place of the older one when it is as good, though few users tell', () => {
    const offline = (value: number, half: number, rest: object = { renews: true }) =>
      of('offline', {
        offline: { ...good.offline!, difference: { value, low: value - half, high: value + half }, ...rest },
      })
    expect(offline(-0.0005, 0.013)).toMatchObject({
      pass: true,
      value: -0.0005,
      say: expect.stringContaining('as good on the mean and not surely worse'),
    })
    expect(offline(0.002, 0.013).pass).toBe(true)
    expect(offline(-0.0051, 0.013)).toMatchObject({ pass: false, value: -0.0051, limit: -0.005 })
    expect(offline(-0.004, 0.002).pass).toBe(false) // within the margin, but surely worse, and more than the margin at the end
    expect(offline(-0.002, 0.002)).toMatchObject({ pass: true, value: -0.004 })
    expect(offline(0.0005, 0.013, { renews: true, better: 'lower' }).pass).toBe(true)
    expect(offline(0.0051, 0.013, { renews: true, better: 'lower' }).pass).toBe(false)
    // What has no version before it has to be surely as good as what serves.
    expect(offline(0.0069, 0.0175, {}).pass).toBe(false)
    const nan = offline(Number.NaN, Number.NaN)
    expect(nan).toMatchObject({ pass: false, value: null })
  })

  it('fail drift when many columns moved, and name the one that moved most', () => {
    const names = Array.from({ length: 20 }, (_, i) => `f${i}`)
    const reference = normals(20 * 1500)
    const current = normals(20 * 1500)
    for (let at = 3; at < current.length; at += 20) current[at]! += 2
    const drift = driftOf(reference, current, names)
    const verdict = of('drift', { drift })
    expect(verdict).toMatchObject({ pass: true, value: 0.05 })
    expect(of('drift', { drift }, { driftShareMax: 0.04 }).pass).toBe(false)
    // Two normals two deviations apart: the widest gap is 2 Phi(1) - 1 = 0.683, the AUC Phi(sqrt 2) = 0.921.
    expect(verdict.say).toMatch(/widest gap between distributions is 0\.(6[6-9]|70)\d* \(Kolmogorov-Smirnov\), of f3/)
    expect(verdict.say).toMatch(/warning: a classifier tells the two apart with AUC 0\.9[0-4]\d*, mostly by f3/)
  })

  it('warn of a joint shift that no column shows alone', () => {
    // The sum of two features that go together moves by a tenth of each, their difference by seven of its deviations.
    const pairs = (by: number) => {
      const rows = normals(2 * 2000)
      for (let at = 0; at < rows.length; at += 2) rows[at + 1] = rows[at]! + 0.02 * rows[at + 1]! + by
      return rows
    }
    const verdict = of('drift', { drift: driftOf(pairs(0), pairs(0.15), ['x', 'y']) })
    expect(verdict).toMatchObject({ pass: true, value: 0, say: expect.stringContaining('warning') })
  })

  it('refuse nothing and warn of nothing by chance: ten draws of requests whose viewer and category are shared', () => {
    const [width, shared, requests, shown] = [12, 6, 250, 10]
    const names = Array.from({ length: width }, (_, i) => `f${i}`)
    const side = (draw: Random) => {
      const rows = new Float32Array(requests * shown * width)
      for (let request = 0; request < requests; request++) {
        const viewer = Array.from({ length: shared }, () => draw.normal())
        for (let row = request * shown; row < (request + 1) * shown; row++)
          for (let c = 0; c < width; c++) rows[row * width + c] = c < shared ? viewer[c]! : draw.normal()
      }
      return rows
    }
    for (let seed = 0; seed < 10; seed++) {
      const verdict = of('drift', { drift: driftOf(side(new Random(seed)), side(new Random(seed + 100)), names) })
      expect(verdict, verdict.say).toMatchObject({ pass: true, value: 0 })
      expect(verdict.say).not.toContain('warning')
    }
  })
})
