import type { Row } from './rows.ts'

/** Names compare without case, spaces, `_` and `-`: user_id, userId and UserID are one. */
export const plainName = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, '')

/** Takes the header off the first batch that has a row. */
export class Header {
  names: readonly string[] | undefined

  /** The rows of a batch after the header. */
  strip(rows: Row[]): Row[] {
    if (this.names || rows.length === 0) return rows
    const [first, ...rest] = rows
    this.names = first && 'fields' in first ? first.fields : []
    return rest
  }

  /** Places of the named columns; -1 for one that is not there. */
  places(...wanted: string[]): number[] {
    const names = (this.names ?? []).map(plainName)
    return wanted.map((name) => names.indexOf(plainName(name)))
  }
}
