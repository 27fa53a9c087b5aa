import { isoOf, numberOf } from './values.ts'

/** Units of a count since 1970 by size: counts below `below` are taken for it. Seconds reach the year 5138. */
const units = [
  { below: 1e11, ms: 1000 },
  { below: 1e14, ms: 1 },
  { below: 1e17, ms: 1e-3 },
  { below: Number.POSITIVE_INFINITY, ms: 1e-6 },
] as const

/**
 * Reads a column of times whose unit is not known. The first value decides between numbers and ISO 8601 text; the unit
 * of numbers (seconds, milliseconds, microseconds, nanoseconds) is that of most values, by size, and is known when all
 * have been read. One unit per column: a value of another size is then a strange moment, not another unit.
 */
export class TimeColumn {
  private form: 'number' | 'text' | undefined
  private readonly counts = units.map(() => 0)

  /** The raw value, to be multiplied by `unitMs` at the end; NaN when it is no time in the form of this column. */
  read(value: unknown): number {
    if (value instanceof Date) return this.take('text', value.getTime())
    if (typeof value === 'bigint' || typeof value === 'number') return this.take('number', Number(value))
    if (typeof value !== 'string') return Number.NaN
    const number = numberOf(value)
    return Number.isNaN(number) ? this.take('text', isoOf(value)) : this.take('number', number)
  }

  /** Milliseconds in one unit of the raw values. */
  get unitMs(): number {
    if (this.form !== 'number') return 1
    return units[this.counts.indexOf(Math.max(...this.counts))]?.ms ?? 1
  }

  private take(form: 'number' | 'text', value: number): number {
    if (!(value >= 0) || value === Number.POSITIVE_INFINITY) return Number.NaN
    this.form ??= form
    if (form !== this.form) return Number.NaN
    const unit = units.findIndex(({ below }) => value < below)
    this.counts[unit] = (this.counts[unit] ?? 0) + 1
    return value
  }
}
