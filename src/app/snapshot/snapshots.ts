import { createHash } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { endianness } from 'node:os'
import { dirname } from 'node:path'
import type { Shelved } from '../../foundation/base/index.ts'
import {
  draftSnapshot,
  type JournalMark,
  openSnapshot,
  type Snapshot,
  type SnapshotDraft,
  SnapshotRefused,
} from '../../foundation/store/index.ts'
import type { Log } from '../../foundation/telemetry/index.ts'
import type { Config } from '../../domain/index.ts'
import { BUILD } from '../version.ts'

/** What stands beside the arrays. */
interface About {
  /** Of everything that shapes the state: see `shapeOf`. */
  readonly shape: string
  readonly mark: JournalMark
  /** Seq of the first entry that is not folded in. Not before the mark. */
  readonly position: number
}

/** A snapshot that fits this version and configuration; whether it fits the journal, the journal says. */
export interface Found {
  readonly mark: JournalMark
  readonly position: number
  readonly snapshot: Snapshot
}

/**
 * Hash of all that decides what a fold of entries comes to. The sources are part of it, as a change in any of them may
 * change the fold; so is the byte order, since arrays are kept as they lie in memory.
 */
export function shapeOf({ server: _, sentences: __, surfaces, ranking, ...shaping }: Config): string {
  const { shadowShare: ___, ...ranks } = ranking
  const parts = [BUILD, endianness(), Object.keys(surfaces), { ...shaping, ranking: ranks }]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

/** The snapshot of one data folder: one file beside the journal, which holds nothing that the journal did not. */
export class Snapshots {
  private readonly path: string
  private readonly shape: string
  private readonly log: Log | undefined
  private readonly readOnly: boolean

  constructor(path: string, shape: string, log: Log | undefined, readOnly = false) {
    this.readOnly = readOnly
    this.path = path
    this.shape = shape
    this.log = log
  }

  /** The snapshot that is there, if it is whole and of this shape. One that is not is removed. */
  find(): Found | undefined {
    if (!this.readOnly) rmSync(`${this.path}.new`, { force: true }) // cut short by a crash
    try {
      const snapshot = openSnapshot(this.path)
      if (!snapshot) return undefined
      const { shape, mark, position } = snapshot.about as About
      if (shape !== this.shape) throw new SnapshotRefused('it is of another version or configuration')
      return { mark, position, snapshot }
    } catch (error) {
      this.refuse(error)
      return undefined
    }
  }

  /** Fills a part from a snapshot; when it is refused, the snapshot is removed and the part is of no use any more. */
  take({ mark, position, snapshot }: Found, holds: (mark: JournalMark) => boolean, part: Shelved): boolean {
    try {
      if (!holds(mark)) throw new SnapshotRefused('the journal is not the one it was made from')
      snapshot.restore(part)
      this.log?.info({ entries: position, bytes: snapshot.bytes }, 'the state was restored from its snapshot')
      return true
    } catch (error) {
      this.refuse(error)
      return false
    }
  }

  /** Writes the arrays of a part, which must stand still until this resolves; it counts once it is committed. */
  draft(part: Shelved, mark: JournalMark, position: number): Promise<SnapshotDraft> {
    mkdirSync(dirname(this.path), { recursive: true })
    const about: About = { shape: this.shape, mark, position }
    return draftSnapshot(this.path, part, about)
  }

  remove(): void {
    rmSync(this.path, { force: true })
  }

  private refuse(error: unknown): void {
    if (!(error instanceof SnapshotRefused)) throw error
    this.log?.warn(
      { path: this.path, why: error.message },
      'the snapshot of the state is not used; the log is replayed',
    )
    if (!this.readOnly) this.remove()
  }
}
