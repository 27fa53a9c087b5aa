import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Change } from './change.ts'

/** Changes kept; the oldest are dropped when there are twice as many. */
export const CHANGES_MAX = 1000

/** What changed and when, one JSON object a line, in a file of bounded length that outlives restarts. */
export class ChangeLog {
  private readonly path: string
  private changes: Change[]

  /** Reads what is there. A line that was cut short is passed over. */
  constructor(path: string) {
    this.path = path
    this.changes = readChanges(path)
  }

  get all(): readonly Change[] {
    return this.changes
  }

  /** Adds a line. @throws what the disk says; the change is then remembered all the same */
  add(change: Change): void {
    this.changes.push(change)
    if (this.changes.length <= 2 * CHANGES_MAX) {
      appendFileSync(this.path, line(change))
      return
    }
    this.changes = this.changes.slice(-CHANGES_MAX)
    writeFileSync(`${this.path}.new`, this.changes.map(line).join(''))
    renameSync(`${this.path}.new`, this.path)
  }
}

const line = (change: Change) => `${JSON.stringify(change)}\n`

function readChanges(path: string): Change[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return text.split('\n').flatMap((one) => {
    try {
      const value = JSON.parse(one) as Change
      return typeof value.at === 'number' && typeof value.kind === 'string' ? [value] : []
    } catch {
      return [] // the last line of a process that was killed, or none
    }
  })
}
