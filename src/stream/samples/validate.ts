import { DAY, SluiceError } from '../../foundation/base/index.ts'
import type { Dataset, RankingRequest } from './dataset.ts'
import { HEADS, headCode, headNames } from './heads.ts'
import { LabelTally } from './known.ts'
import { SAMPLES_SCHEMA } from './schema.ts'

export interface SampleExpectations {
  /** Of the features that will serve. */
  readonly featureDigest?: string
  /** Least and greatest value by the name of a feature. Default: none is held to a range. */
  readonly ranges?: Readonly<Record<string, readonly [least: number, greatest: number]>>
  /** Share of a feature's values that may lie outside its range. Default 0.001. */
  readonly outsideMax?: number
  /** Fewest impressions. Default 1. */
  readonly samplesMin?: number
  /** A feature that goes with the click more closely than this has seen it. Absolute correlation, default 0.9. */
  readonly correlationMax?: number
  /** Days without a request between the first and the last one. Default 0. */
  readonly emptyDaysMax?: number
  /** Share of impressions that are doubles: same viewer, item and moment. Default 0.01. */
  readonly duplicatesMax?: number
  /** Are impressions that were not clicked drawn later, so that none need be here? Default false. */
  readonly positivesOnly?: boolean
}

export interface SampleCheck {
  readonly check: string
  readonly pass: boolean
  readonly value: number | string
  readonly limit: number | string
  /** What is wrong, or what was held to be right. */
  readonly say: string
  /** What whoever reads the verdict should know though it passes. */
  readonly note?: string
}

export interface SampleReport {
  readonly requests: number
  readonly impressions: number
  readonly users: number
  readonly from: number
  readonly until: number
  /** Rate (mean) and number of known labels, by head. */
  readonly heads: Readonly<Record<string, { readonly known: number; readonly mean: number }>>
  readonly features: readonly {
    readonly name: string
    readonly min: number
    readonly max: number
    readonly mean: number
    readonly notFinite: number
    /** Values outside the feature's range. */
    readonly outside: number
    /** Correlation with the click; 0 for a constant column. */
    readonly correlation: number
  }[]
  readonly checks: readonly SampleCheck[]
  readonly pass: boolean
}

const CLICK = headCode('click')
/** Features named in one sentence. */
const LISTED = 5
/** Of a range's width: values are kept in single precision. */
const ROUNDING = 1e-5

/** Looks through all samples once and holds them against what training needs. Pure. */
export function validateSamples(dataset: Dataset, expectations: SampleExpectations = {}): SampleReport {
  const {
    ranges = {},
    outsideMax = 0.001,
    samplesMin = 1,
    correlationMax = 0.9,
    emptyDaysMax = 0,
    duplicatesMax = 0.01,
    positivesOnly = false,
  } = expectations
  const { width, header } = dataset
  const tally = new LabelTally()
  const { known, sums } = tally
  const columns = header.featureNames.map((name) => new ColumnMoments(ranges[name]))
  const users = new Set<number>()
  const days = new Set<number>()
  const latest = new Map<number, RankingRequest>() // one per viewer
  let [from, until, labelsNaN, labelsOut, future, doubles] = [Infinity, -Infinity, 0, 0, 0, 0]
  for (const request of dataset) {
    users.add(request.user)
    days.add(Math.floor(request.at / DAY))
    from = Math.min(from, request.at)
    until = Math.max(until, request.at)
    for (const ago of request.history.ago) if (!(ago >= 0)) future++
    const before = latest.get(request.user)
    if (before?.at === request.at) for (const item of request.items) if (before.items.includes(item)) doubles++
    latest.set(request.user, request)
    for (let i = 0; i < request.items.length; i++) {
      for (let head = 0; head < HEADS; head++) {
        if ((request.known[i] & (1 << head)) === 0) continue
        const label = request.labels[i * HEADS + head]
        if (Number.isNaN(label)) labelsNaN++
        else if (label < 0 || label > 1) labelsOut++
        tally.add(head, label)
      }
      const click = request.labels[i * HEADS + CLICK]
      for (let f = 0; f < width; f++) columns[f]!.add(request.features[i * width + f], click)
    }
  }
  const features = columns.map((column, f) => ({ name: header.featureNames[f]!, ...column.report() }))
  const { heads } = tally
  const emptyDays = dataset.requests === 0 ? 0 : Math.floor(until / DAY) - Math.floor(from / DAY) + 1 - days.size
  const worst = features.reduce((a, b) => (Math.abs(b.correlation) > Math.abs(a.correlation) ? b : a), {
    name: 'none',
    correlation: 0,
  })
  const broken = features.filter(({ notFinite }) => notFinite > 0)
  const strayed = features.filter(({ outside }) => outside > 0).sort((a, b) => b.outside - a.outside)
  const strays = listed(strayed.map((one) => strayOf(one, ranges[one.name])))
  const positives = sums[CLICK]
  const checks: SampleCheck[] = [
    equal('schema', header.schema, SAMPLES_SCHEMA, 'the samples are laid out as this version reads them'),
    equal(
      'feature digest',
      header.featureDigest,
      expectations.featureDigest ?? header.featureDigest,
      'the features are those that serve; build the samples anew when they changed',
    ),
    equal('heads', header.heads.join(), headNames.join(), 'the labels are those of this version'),
    least('samples', dataset.impressions, samplesMin, 'impressions'),
    most('NaN labels', labelsNaN, 0, 'labels that are marked as known and are NaN'),
    most('labels out of range', labelsOut, 0, 'labels outside 0..1'),
    most(
      'features not finite',
      broken.reduce((sum, { notFinite }) => sum + notFinite, 0),
      0,
      `cells that are NaN or infinite${listed(broken.map(({ name, notFinite }) => `${name} (${notFinite})`))}`,
    ),
    {
      ...most(
        'features out of range',
        (strayed[0]?.outside ?? 0) / Math.max(1, dataset.impressions),
        outsideMax,
        `share of the values of the feature that strays most${strays}`,
      ),
      ...(strayed.length > 0 && { note: `values out of range${strays}` }),
    },
    {
      check: 'both classes',
      pass: positives > 0 && (positivesOnly || positives < known[CLICK]),
      value: positives,
      limit: positivesOnly ? 'at least 1' : `1 to ${known[CLICK] - 1}`,
      say: `${positives} of ${known[CLICK]} impressions were clicked; a model can learn only where some were and some were not`,
    },
    most('empty days', emptyDays, emptyDaysMax, 'days without a request between the first and the last one'),
    most('doubles', doubles / Math.max(1, dataset.impressions), duplicatesMax, 'share of impressions that stand twice'),
    most('time order', future, 0, 'history entries that lie after their request'),
    most(
      'leakage',
      Math.abs(worst.correlation),
      correlationMax,
      `correlation of the feature nearest to the click (${worst.name}) with it`,
    ),
  ]
  const pass = checks.every((check) => check.pass)
  return {
    requests: dataset.requests,
    impressions: dataset.impressions,
    users: users.size,
    from,
    until,
    heads,
    features,
    checks,
    pass,
  }
}

/** @throws SluiceError ERR_SAMPLES_INVALID with all checks that failed */
export function assertSamples(dataset: Dataset, expectations?: SampleExpectations): SampleReport {
  const report = validateSamples(dataset, expectations)
  const failed = report.checks.filter(({ pass }) => !pass)
  if (failed.length === 0) return report
  const why = failed.map(({ check, value, limit, say }) => `${check} is ${value}, not ${limit} (${say})`).join('; ')
  throw new SluiceError('ERR_SAMPLES_INVALID', [why])
}

function equal(check: string, value: number | string, limit: number | string, say: string): SampleCheck {
  return { check, pass: value === limit, value, limit, say }
}
function most(check: string, value: number, limit: number, say: string): SampleCheck {
  return {
    check,
    pass: value <= limit,
    value,
    limit: limit === Number.POSITIVE_INFINITY ? 'any' : `at most ${limit}`,
    say,
  }
}
function least(check: string, value: number, limit: number, say: string): SampleCheck {
  return { check, pass: value >= limit, value, limit: `at least ${limit}`, say }
}

/** `, in a, b, c and 4 more`, or nothing. */
function listed(names: readonly string[]): string {
  if (names.length === 0) return ''
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : ''
  return `, in ${names.slice(0, LISTED).join(', ')}${more}`
}
function strayOf(
  { name, outside, min, max }: SampleReport['features'][number],
  [least, greatest]: readonly [number, number] = [min, max],
): string {
  return `${name} (${outside}: ${short(min)} to ${short(max)}, not ${least} to ${greatest})`
}
const short = (value: number): string => String(Number(value.toPrecision(4)))

/** Range, mean and correlation with the click of one column, in one pass (Welford). */
class ColumnMoments {
  private n = 0
  private bad = 0
  private min = Number.POSITIVE_INFINITY
  private max = Number.NEGATIVE_INFINITY
  private mean = 0
  private squares = 0
  private clickMean = 0
  private clickSquares = 0
  private products = 0
  private outside = 0
  private readonly least: number
  private readonly greatest: number

  constructor([least, greatest]: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) {
    const rounding = Number.isFinite(greatest - least) ? (greatest - least) * ROUNDING : 0
    this.least = least - rounding
    this.greatest = greatest + rounding
  }

  add(value: number, click: number): void {
    if (!Number.isFinite(value)) {
      this.bad++
      return
    }
    this.n++
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
    if (value < this.least || value > this.greatest) this.outside++
    const off = value - this.mean
    const clickOff = click - this.clickMean
    this.mean += off / this.n
    this.clickMean += clickOff / this.n
    this.squares += off * (value - this.mean)
    this.clickSquares += clickOff * (click - this.clickMean)
    this.products += off * (click - this.clickMean)
  }

  report() {
    const scale = Math.sqrt(this.squares * this.clickSquares)
    return {
      min: this.min,
      max: this.max,
      mean: this.mean,
      notFinite: this.bad,
      outside: this.outside,
      correlation: scale > 0 ? this.products / scale : 0,
    }
  }
}
