import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { join, resolve } from 'node:path'
import { isLinked, putNote, readNote, SluiceError } from '../base/index.ts'
import { folderError } from './make-folder.ts'

export interface FolderLock {
  /** There was no room on the disk to write it down as usual: it takes nothing. */
  readonly full?: true
  release(): void
}

const LOCK_FILE = 'lock.json'
/** A lock file without readable content is another process just writing it, up to this age. */
const WRITING_MS = 2_000
const TRIES = 5

/** Folders locked by this process: a pid alone cannot tell two openers of one process, or a pid reused by a restart. */
const held = new Set<string>()

/**
 * Takes a folder for this process alone. A lock is stale, and taken over, when its process has ended or when its pid is
 * now another program's (told by the start time, where /proc has it). It guards processes that see each other's pids;
 * two containers that share a volume are not told apart.
 * @throws SluiceError ERR_DATA_IN_USE, ERR_DATA_FOLDER
 */
export function lockFolder(folder: string): FolderLock {
  try {
    return lock(folder)
  } catch (error) {
    throw folderError(folder, error)
  }
}

function lock(folder: string): FolderLock {
  const path = join(fs.realpathSync(resolve(folder)), LOCK_FILE)
  if (held.has(path)) throw new SluiceError('ERR_DATA_IN_USE', [folder, String(process.pid)])
  const started = startOf(process.pid)
  const [mine, short] = [started, shortOf(started)].map((one) => JSON.stringify({ pid: process.pid, started: one }))
  for (let tries = 0; ; tries++) {
    try {
      putNote(path, mine as string, short)
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tries === TRIES) throw error
    }
    const pid = clearStale(path)
    if (pid !== undefined) throw new SluiceError('ERR_DATA_IN_USE', [folder, pid])
  }
  held.add(path)
  return {
    ...(isLinked(path) && { full: true }),
    release: () => {
      if (held.delete(path)) fs.rmSync(path, { force: true })
    },
  }
}

/** Who has a folder locked, as its lock says; undefined when that says nothing. */
export function lockOwner(folder: string): number | undefined {
  return ownerOf(readNote(join(folder, LOCK_FILE)) ?? '')?.pid
}

/** Removes a lock whose owner is gone; gives the owner's pid when it lives. */
function clearStale(path: string): string | undefined {
  const content = readNote(path)
  if (content === undefined) return undefined
  const owner = ownerOf(content)
  if (owner === undefined) {
    const age = Date.now() - (fs.lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0)
    if (age < WRITING_MS) return 'unknown'
  } else if (lives(owner)) {
    return String(owner.pid)
  }
  // Two may find the same stale lock: each moves it to a name of its own and looks at what it got.
  const aside = `${path}.${process.pid}`
  try {
    fs.renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (readNote(aside) === content) {
    fs.rmSync(aside)
    return undefined
  }
  fs.renameSync(aside, path) // it was the fresh lock of the other one
  return 'unknown'
}

interface Owner {
  readonly pid: number
  readonly started: string
}

function ownerOf(content: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(content)
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('started' in value)) return undefined
    const { pid, started } = value
    return Number.isInteger(pid) && typeof started === 'string' ? { pid: pid as number, started } : undefined
  } catch {
    return undefined // half written
  }
}

function lives({ pid, started }: Owner): boolean {
  // Not in `held`: another thread of this process, or an owner of this pid before a restart (pids repeat in containers).
  if (pid === process.pid) return started !== '' && isStart(started, startOf(pid))
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  if (OVER.includes(fieldsOf(pid)?.[0] ?? '')) return false
  const now = startOf(pid)
  return started === '' || now === '' || isStart(started, now)
}

/** A start in so few characters that a lock fits into a link. */
function shortOf(started: string): string {
  return started === '' ? '' : createHash('sha256').update(started).digest('hex').slice(0, 16)
}

const isStart = (told: string, started: string) => told === started || told === shortOf(started)

/** States of a process that has ended, though its parent has not asked how: it has nothing open any more. */
const OVER = ['Z', 'X']

/** What /proc says of a process from its state (field 3) on; undefined where it says nothing. */
function fieldsOf(pid: number): readonly string[] | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ') // the name, in brackets, may hold anything
  } catch {
    return undefined
  }
}

/** When a process started, as text that differs between two owners of one pid; empty where that cannot be known. */
export function startOf(pid: number): string {
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const fields = fieldsOf(pid)
    return fields ? `${boot}:${fields[19]}` : '' // field 22, the start in ticks
  } catch {
    return ''
  }
}
