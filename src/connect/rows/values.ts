/** A finite number, or NaN: unlike Number(), the empty text, hexadecimal and "Infinity" are none. */
export function numberOf(text: string | undefined): number {
  if (text === undefined || !/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text)) return Number.NaN
  return Number(text)
}

/** The same, also with a comma for the point. Before just three digits it may stand for thousands: that is none. */
export function decimalOf(text: string | undefined): number {
  return numberOf(text?.replace(/^(\s*[-+]?\d+),(\d{1,2}|\d{4,})(\s*)$/, '$1.$2$3'))
}

/** Latest moment there is, in milliseconds. */
const LATEST = 8.64e15

/** Milliseconds of a count of `unitMs` since 1970, or NaN when it is no moment. */
export function momentOf(text: string | undefined, unitMs: number): number {
  const at = Math.round(numberOf(text) * unitMs)
  return at >= 0 && at <= LATEST ? at : Number.NaN
}

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|UTC|[-+]\d{2}:?\d{2})?)?$/i

/** Milliseconds of an ISO 8601 moment, or NaN. Without a zone it is UTC, so that it means the same on every machine. */
export function isoOf(text: string): number {
  const match = ISO.exec(text.trim())
  if (!match) return Number.NaN
  const [, day, clock = '00:00', zone = 'Z'] = match
  const at = Date.parse(`${day}T${clock}${/^(z|utc)$/i.test(zone) ? 'Z' : zone}`)
  return at >= 0 ? at : Number.NaN
}
