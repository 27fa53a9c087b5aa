import { describe, expect, it } from 'vitest'
import { catalogue, event, ground, slate } from './testing/ground.ts'
import { assertSamples, Dataset, HEADS, type SampleChunk, samplesOf, validateSamples } from './index.ts'

const DAY = 86_400
function made(days: readonly number[], clicked = true) {
  const entries = [
    ...catalogue(2, 6),
    ...days.flatMap((day, s) => [
      ...slate(`s${s}`, `u${s % 2}`, day * DAY + 100 + s, ['i0', 'i1', 'i2']),
      ...(clicked ? [event('click', day * DAY + 105 + s, { user: `u${s % 2}`, item: 'i1', slate: `s${s}` })] : []),
    ]),
  ]
  return samplesOf(() => entries, ground(), { keepOpen: true }).dataset
}
/** A copy with one chunk, changed. */
function changed(of: Dataset, change: (chunk: SampleChunk) => void): Dataset {
  const chunk = structuredClone(of.chunks[0]!)
  change(chunk)
  return new Dataset(of.header, [chunk])
}
const sound = made([0, 0, 1, 2, 2])
const failed = (of: Dataset, expectations = {}) =>
  validateSamples(of, expectations)
    .checks.filter(({ pass }) => !pass)
    .map(({ check }) => check)

describe('validation of samples', () => {
  it('passes sound samples and tells what is in them', () => {
    const report = assertSamples(sound, { featureDigest: sound.header.featureDigest })
    expect(report).toMatchObject({ requests: 5, impressions: 15, users: 2, pass: true })
    expect(report.heads.click).toEqual({ known: 15, mean: 5 / 15 })
    expect(report.heads.watch).toEqual({ known: 10, mean: 0 })
    expect(report.heads.satisfaction).toEqual({ known: 0, mean: 0 })
    expect(report.features.length).toBe(sound.width)
    const { checks } = validateSamples(sound, { emptyDaysMax: Number.POSITIVE_INFINITY })
    expect(checks.find(({ check }) => check === 'empty days')).toMatchObject({ pass: true, limit: 'any' })
  })

  it('names each thing that is wrong', () => {
    expect(failed(made([0, 3]))).toEqual(['empty days'])
    expect(failed(made([0, 3]), { emptyDaysMax: 2 })).toEqual([])
    expect(failed(made([0, 1], false))).toEqual(['both classes'])
    expect(failed(sound, { featureDigest: 'other' })).toEqual(['feature digest'])
    expect(failed(sound, { samplesMin: 16 })).toEqual(['samples'])
    expect(failed(new Dataset(sound.header, []))).toEqual(['samples', 'both classes'])
    expect(failed(changed(sound, (c) => void (c.impressions.labels[HEADS] = Number.NaN)))).toContain('NaN labels')
    expect(failed(changed(sound, (c) => void (c.impressions.labels[0] = 1.5)))).toContain('labels out of range')
    expect(failed(changed(sound, (c) => void (c.impressions.features[3] = Number.NaN)))).toEqual([
      'features not finite',
    ])
    expect(failed(changed(sound, (c) => void c.histories.ago.fill(-1)))).toEqual(['time order'])
    const twice = changed(sound, (c) => {
      c.requests.at.fill(c.requests.at[0])
      c.requests.user.fill(0)
    })
    expect(failed(twice)).toEqual(['doubles'])
  })

  it('tells which values leave the range of their feature, how many and how far, and refuses from a limit on', () => {
    const name = sound.header.featureNames[3] as string
    const ranges = { [name]: [0, 1] as const, elsewhere: [0, 0] as const }
    const scaled = changed(sound, ({ impressions }) => {
      for (let i = 0; i < 15; i++) impressions.features[i * sound.width + 3] = i < 3 ? 10 * (i + 1) : 0.5
    })
    const report = validateSamples(scaled, { ranges })
    expect(report.features.filter(({ outside }) => outside > 0)).toMatchObject([{ name, outside: 3, max: 30 }])
    const check = report.checks.find(({ check }) => check === 'features out of range')
    expect(check).toMatchObject({ pass: false, value: 3 / 15, limit: 'at most 0.001' })
    expect(check?.say).toContain(`in ${name} (3: 0.5 to 30, not 0 to 1)`)
    expect(() => assertSamples(scaled, { ranges })).toThrow(`${name} (3: 0.5 to 30, not 0 to 1)`)

    const let3 = validateSamples(scaled, { ranges, outsideMax: 0.2 })
    expect(let3.pass).toBe(true)
    expect(let3.checks.flatMap(({ note }) => note ?? [])).toEqual([
      `values out of range, in ${name} (3: 0.5 to 30, not 0 to 1)`,
    ])
    // What single precision makes of 1 is no stray, and of one that is not finite the count is told.
    const rounded = changed(sound, ({ impressions }) => impressions.features.fill(1 + 2 ** -20))
    expect(validateSamples(rounded, { ranges }).features[3]).toMatchObject({ outside: 0 })
    const broken = changed(sound, ({ impressions }) => {
      for (const row of [0, 4]) impressions.features[row * sound.width + 3] = Number.POSITIVE_INFINITY
    })
    expect(() => assertSamples(broken, { ranges })).toThrow(`${name} (2)`)
  })

  it('finds a feature that has seen the click', () => {
    const leaky = changed(sound, ({ impressions }) => {
      for (let i = 0; i < 15; i++) impressions.features[i * sound.width + 7] = 2 - 3 * impressions.labels[i * HEADS]
    })
    const check = validateSamples(leaky).checks.find(({ check }) => check === 'leakage')!
    expect(check.pass).toBe(false)
    expect(check.value).toBeCloseTo(1, 12)
    expect(check.say).toContain(sound.header.featureNames[7])
  })

  it('throws one error with every reason', () => {
    expect(() => assertSamples(made([0, 4], false))).toThrow(
      expect.objectContaining({
        code: 'ERR_SAMPLES_INVALID',
        message: expect.stringMatching(/both classes is 0.*empty days is 3, not at most 0/),
      }),
    )
  })
})
