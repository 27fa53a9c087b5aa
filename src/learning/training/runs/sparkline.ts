const BARS = '▁▂▃▄▅▆▇█'

/**
 * Numbers as a line of bars, lowest to highest: at most `width` of them, each the mean of its stretch. What is not finite
 * is left out; all equal is the lowest bar.
 */
export function sparkline(values: readonly number[], width = 60): string {
  const finite = values.filter(Number.isFinite)
  const count = Math.min(width, finite.length)
  const means = Array.from({ length: count }, (_, i) => {
    const part = finite.slice(Math.floor((i * finite.length) / count), Math.floor(((i + 1) * finite.length) / count))
    return part.reduce((sum, value) => sum + value, 0) / part.length
  })
  const low = Math.min(...means)
  const span = Math.max(...means) - low
  return means.map((mean) => BARS[span > 0 ? Math.round(((mean - low) / span) * (BARS.length - 1)) : 0]).join('')
}
