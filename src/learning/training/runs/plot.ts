/** A line of a chart: places and values, in order. */
export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Dots alone, not joined. */
  readonly dots?: boolean
}

export interface Chart {
  readonly title: string
  readonly x: string
  readonly series: readonly Series[]
}

const WIDTH = 720
const HEIGHT = 280
const LEFT = 64
const RIGHT = 16
const TOP = 28
const BOTTOM = 40
const TICKS = 5
/** Told apart by those who see colours otherwise, too (Okabe and Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']

/** One page that needs nothing else: charts as SVG below a heading and a table of facts. */
export function page(heading: string, facts: Readonly<Record<string, string>>, charts: readonly Chart[]): string {
  const rows = Object.entries(facts).map(
    ([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  )
  return [
    '<!doctype html>',
    `<html lang="en"><meta charset="utf-8"><title>${escaped(heading)}</title>`,
    '<style>body{font:14px/1.5 sans-serif;max-width:760px;margin:2em auto;padding:0 1em;color:#222}',
    'th{text-align:left;padding-right:1em;font-weight:600;vertical-align:top}svg{width:100%;height:auto}</style>',
    `<h1>${escaped(heading)}</h1>`,
    `<table>${rows.join('')}</table>`,
    ...charts.filter(({ series }) => series.some(({ points }) => points.length > 0)).map(chart),
    '</html>',
    '',
  ].join('\n')
}

/** One chart as SVG. Values that are not finite are left out. */
export function chart({ title, x: xName, series }: Chart): string {
  const shown = series.map((one) => ({ ...one, points: one.points.filter(([x, y]) => Number.isFinite(x + y)) }))
  const all = shown.flatMap(({ points }) => points)
  const xs = extent(all.map(([x]) => x))
  const ys = extent(all.map(([, y]) => y))
  const px = (x: number) => LEFT + ((WIDTH - LEFT - RIGHT) * (x - xs.low)) / (xs.high - xs.low)
  const py = (y: number) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * (y - ys.low)) / (ys.high - ys.low)
  const at = ([x, y]: readonly [number, number]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`
  const ticks = Array.from({ length: TICKS }, (_, i) => ys.low + ((ys.high - ys.low) * i) / (TICKS - 1))
  const lines = shown.map(({ points, dots }, i) => {
    const colour = COLOURS[i % COLOURS.length]
    const joined = dots
      ? ''
      : `<polyline points="${points.map(at).join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5"/>`
    const circles = dots || points.length < 30 ? points.map((p) => circle(at(p), colour, p)) : []
    return joined + circles.join('')
  })
  const legend = shown.map(
    ({ name }, i) =>
      `<text x="${WIDTH - RIGHT}" y="${TOP + 16 * i}" text-anchor="end" fill="${COLOURS[i % COLOURS.length]}">${escaped(name)}</text>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escaped(title)}</title><text x="${LEFT}" y="16" font-weight="600">${escaped(title)}</text>`,
    ...ticks.map(
      (y) =>
        `<path d="M${LEFT} ${py(y).toFixed(1)}H${WIDTH - RIGHT}" stroke="#ddd"/><text x="${LEFT - 6}" y="${(py(y) + 4).toFixed(1)}" text-anchor="end" fill="#555">${figure(y)}</text>`,
    ),
    `<text x="${LEFT}" y="${HEIGHT - 22}" fill="#555">${figure(xs.low)}</text>`,
    `<text x="${WIDTH - RIGHT}" y="${HEIGHT - 22}" text-anchor="end" fill="#555">${figure(xs.high)}</text>`,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle" fill="#555">${escaped(xName)}</text>`,
    ...lines,
    ...legend,
    '</svg>',
  ].join('\n')
}

const circle = (at: string, colour: string | undefined, [x, y]: readonly [number, number]): string => {
  const [cx, cy] = at.split(',')
  return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"><title>${figure(x)}: ${figure(y)}</title></circle>`
}

/** Never empty: one value alone stands in the middle. */
function extent(values: readonly number[]): { low: number; high: number } {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  if (low < high) return { low, high }
  return Number.isFinite(low) ? { low: low - 0.5, high: high + 0.5 } : { low: 0, high: 1 }
}

const figure = (value: number): string => String(Number(value.toPrecision(4)))

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] as string)
