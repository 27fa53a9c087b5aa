import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** What each source was worth when it was last known: clicks of its own per millisecond. */
export type Worths = Readonly<Record<string, number>>

/** Of a data folder; nothing where it was not written, or is damaged: it is learnt anew. */
export function readWorths(path: string): Worths {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as unknown
    if (typeof value !== 'object' || value === null) return {}
    const sound = Object.entries(value).filter(([, worth]) => Number.isFinite(worth) && worth >= 0)
    return Object.fromEntries(sound) as Worths
  } catch {
    return {} // as before anything was known
  }
}

/** Takes over what is known now; a source that was not asked of late keeps what it was worth. */
export function keepWorths(path: string, now: Worths): void {
  if (Object.keys(now).length === 0) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, JSON.stringify({ ...readWorths(path), ...now }))
  renameSync(`${path}.new`, path)
}
