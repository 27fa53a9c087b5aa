import { basename } from 'node:path'
import { parse } from 'csv-parse/sync'
import type { ImportStep, Place, RowRejection } from '../contract.ts'
import type { Meter } from '../files.ts'
import { type Encoding, type Line, LINE_BYTES_MAX, lineBatches } from './lines.ts'

/** One row of a text table, or why it is none. `line` counts from 1, the header included. */
export type Row =
  | { readonly line: number; readonly fields: readonly string[] }
  | { readonly line: number; readonly code: RowRejection; readonly why: string }

export interface RowFormat {
  readonly separator: string
  /** May fields be quoted ("a, b"), with line breaks inside and quotes doubled? RFC 4180. */
  readonly quotes: boolean
  readonly encoding: Encoding
}

/**
 * Most lines that one quoted row may span, within the length of one line. An opening quote that is not closed within them is an error of its own
 * line only: without this bound one stray quote would swallow the rest of the file.
 */
export const QUOTED_LINES_MAX = 100

/** The rows of a text table, in batches. Empty lines are no rows. A bad row is told and the next line goes on. */
export async function* rowBatches(file: string, format: RowFormat, meter: Meter): AsyncGenerator<Row[]> {
  const { separator, encoding } = format
  const faults = {
    long: { code: 'ERR_ROW_LONG', why: `is over ${LINE_BYTES_MAX} bytes` },
    miscoded: { code: 'ERR_ROW_ENCODING', why: `is no ${encoding}` },
  } as const
  let held: Line[] = [] // lines of a row whose quotes are still open
  let line = 0
  /** Takes lines until none is left, or until an open row needs more of them. */
  const take = (lines: readonly Line[], ended: boolean): Row[] => {
    const rows: Row[] = []
    const quoted: { at: number; line: number; text: string }[] = []
    const pending: Line[] = [...held, ...lines]
    line -= held.length
    held = []
    for (let i = 0; i < pending.length; ) {
      const text = pending[i] as Line
      const number = line + 1
      let span = 1
      if (typeof text !== 'string') rows.push({ line: number, ...faults[text.fault] })
      else if (!format.quotes || !text.includes('"')) {
        if (text !== '') rows.push({ line: number, fields: text.split(separator) })
      } else {
        let whole = text
        let quotes = quotesOf(whole, separator)
        let miscoded = false
        while (quotes === 'open') {
          const within = span < QUOTED_LINES_MAX
          const next = pending[i + span]
          if (within && next === undefined && !ended) {
            held = pending.slice(i)
            line += held.length
            return parseQuoted(rows, quoted, separator)
          }
          const more = textOf(next)
          if (!within || more === undefined || whole.length + more.length > LINE_BYTES_MAX) break
          miscoded ||= typeof next !== 'string'
          whole = `${whole}\n${more}`
          quotes = quotesOf(whole, separator)
          span++
        }
        if (quotes !== 'closed') span = 1
        else if (!miscoded) quoted.push({ at: rows.length, line: number, text: whole })
        // A row to be parsed holds its place as a rejected one.
        rows.push(quotes === 'closed' && miscoded ? { line: number, ...faults.miscoded } : misquoted(number))
      }
      i += span
      line += span
    }
    return parseQuoted(rows, quoted, separator)
  }
  for await (const lines of lineBatches(file, encoding, meter)) yield take(lines, false)
  yield take([], true)
}

/** What a line adds to a row whose quotes are open; nothing when there is none, or none that fits. */
function textOf(line: Line | undefined): string | undefined {
  if (typeof line === 'string' || line === undefined) return line
  return line.fault === 'miscoded' ? line.text : undefined
}

/**
 * How the quotes of a row stand: `closed`, `open` when a quoted field still waits for its end, or `wrong` when there is
 * text after a closing quote or a quote inside a bare field. Knowing this before parsing is what confines a stray
 * quote to its own line.
 */
function quotesOf(text: string, separator: string): 'closed' | 'open' | 'wrong' {
  for (let at = 0; ; at += separator.length) {
    if (text[at] === '"') {
      for (at++; ; at += 2) {
        at = text.indexOf('"', at)
        if (at < 0) return 'open'
        if (text[at + 1] !== '"') break
      }
      at++
    } else {
      const quote = text.indexOf('"', at)
      if (quote < 0) return 'closed'
      at = text.indexOf(separator, at)
      if (at < 0 || quote < at) return 'wrong'
    }
    if (at === text.length) return 'closed'
    if (!text.startsWith(separator, at)) return 'wrong'
  }
}

const misquoted = (line: number): Row => ({
  line,
  code: 'ERR_ROW_QUOTE',
  why: 'has a quote that is not closed or stands wrong',
})

/** Puts the fields of quoted rows in their places: all at once, and one by one only when one of them is malformed. */
function parseQuoted(rows: Row[], quoted: { at: number; line: number; text: string }[], separator: string): Row[] {
  const options = { delimiter: separator, relax_column_count: true, record_delimiter: '\n' }
  const parsed = (texts: readonly string[]): string[][] | undefined => {
    try {
      const all = parse(texts.join('\n'), options)
      return all.length === texts.length ? all : undefined
    } catch {
      return undefined // csv-parse says only that the quotes are wrong, which the row says with its line
    }
  }
  const all = quoted.length === 0 ? [] : parsed(quoted.map(({ text }) => text))
  for (const [i, { at, line, text }] of quoted.entries()) {
    const fields = all ? all[i] : parsed([text])?.[0]
    if (fields) rows[at] = { line, fields }
  }
  return rows
}

/** The step that turns a row away, with its place. */
export function rejectRow(file: string, line: number, code: RowRejection, why: string): ImportStep {
  return { put: 'reject', code, message: placed({ file, line }, why), rows: 1 }
}

/** A reason with its place before it. */
export function placed({ file, line }: Place, why: string): string {
  return `${basename(file)} ${/\.parquet$/i.test(file) ? 'row' : 'line'} ${line}: ${why}`
}
