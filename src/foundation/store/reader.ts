import fs from 'node:fs'
import type { FileJournal } from './journal.ts'
import { readHeads } from './heads.ts'
import { markOf, resumeAt } from './mark.ts'
import { openBeside, readSegments } from './read.ts'
import { listSegments, measure } from './segment.ts'

/** Reads what a journal holds now, beside the process that writes it: what is erased meanwhile is left out, what comes is not read. */
export function openReader(folder: string): FileJournal {
  const segments = fs.existsSync(folder) ? listSegments(folder) : []
  const last = segments[segments.length - 1]
  const { good, next } = last ? measure(last) : { good: 0, next: 0 }
  const recovered = { path: last?.path ?? folder, bytes: last ? last.length - good : 0 }
  if (last) last.length = good
  const refuse = (): never => {
    throw new TypeError('Cannot write: the journal was opened read-only')
  }
  return {
    recovered,
    next,
    bytes: segments.reduce((sum, segment) => sum + segment.length, 0),
    pending: 0,
    append: refuse,
    flushed: async () => {},
    read: (from = 0) => readSegments(segments, from, openBeside, next),
    heads: (bytes, from = 0) => readHeads(segments, bytes, from, openBeside, next),
    rewrite: async () => refuse(),
    mark: () => markOf(segments, next),
    resume: (mark) => resumeAt(segments, mark),
    close: async () => {},
  }
}
