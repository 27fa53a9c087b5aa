import type { Estimate } from '../../judging/metrics/index.ts'

/**
 * Figures by name, for records and manifests: `NAME`, and the ends of its interval as `NAME.low` and `NAME.high`. A figure
 * without a value is left out.
 */
export function flatFigures(
  figures: Readonly<Record<string, Estimate | number | null | undefined>>,
): Record<string, number> {
  const flat: Record<string, number> = {}
  for (const [name, figure] of Object.entries(figures)) {
    const { value, low, high } = typeof figure === 'number' ? { value: figure, low: null, high: null } : (figure ?? {})
    if (value === undefined || !Number.isFinite(value)) continue
    flat[name] = value
    if (typeof low !== 'number' || typeof high !== 'number') continue
    flat[`${name}.low`] = low
    flat[`${name}.high`] = high
  }
  return flat
}
