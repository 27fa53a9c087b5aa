import fs from 'node:fs'
import { join } from 'node:path'
import { type Clock, SluiceError } from '../../../foundation/base/index.ts'
import { openIndex } from '../open-index.ts'
import type { VectorIndex } from '../vector-index.ts'
import { type KeyedRows, readKeys } from './keys.ts'
import type { Verdict } from './verdict.ts'

const POINTER = 'pointer.json'
const INDEX = 'index.bin'
const KEYS = 'keys.bin'
const VERDICT = 'verdict.json'
/** Changes remembered; older ones are dropped. */
const LOG_MAX = 200
/** Refused ones whose verdict is still there to read. */
const REFUSED_MAX = 10
const NAME = /^[0-9]{6}@ivf-[0-9]+$/

/** One change of what serves, and why. */
export interface IndexChange {
  readonly at: number
  readonly from: string | null
  readonly to: string
  readonly why: string
}

interface Kept {
  readonly name: string
  readonly until: number
}

interface Pointer {
  readonly live: string | null
  /** Of the same embeddings: where a rollback goes, until then. */
  readonly before: Kept | null
  /** What served last over the embeddings before these: it comes back with their model, until then. */
  readonly past?: Kept | null
  readonly log: readonly IndexChange[]
}

export interface ShelvedIndex {
  /** `000004@ivf-2`: the second index over the embeddings of version 000004. */
  readonly name: string
  readonly state: 'live' | 'kept' | 'waiting' | 'refused'
  readonly bytes: number
  readonly verdict: Verdict | undefined
}

/**
 * The indexes of one source on disk: a folder each, named by the version of the embeddings, and one small file that says
 * which one serves. It changes by being replaced, so a swap happens wholly or not at all, however it is interrupted.
 */
export class Shelf {
  readonly folder: string
  private readonly clock: Clock

  /** `folder`: `indexes/SOURCE` in a data folder; made when it is first written to. */
  constructor(folder: string, clock: Clock) {
    this.folder = folder
    this.clock = clock
  }

  get pointer(): Pointer {
    const path = join(this.folder, POINTER)
    if (!fs.existsSync(path)) return { live: null, before: null, log: [] }
    try {
      return JSON.parse(fs.readFileSync(path, 'utf8')) as Pointer
    } catch (cause) {
      throw new SluiceError('ERR_INDEX_INVALID', [path, 'it is damaged'], { cause })
    }
  }

  list(): ShelvedIndex[] {
    const { live, before, past } = this.pointer
    return this.names().map((name) => {
      const file = fs.statSync(join(this.folder, name, INDEX), { throwIfNoEntry: false })
      const verdict = this.verdict(name)
      const idle = verdict && !verdict.pass ? 'refused' : 'waiting'
      const state = name === live ? 'live' : name === before?.name || name === past?.name ? 'kept' : idle
      return { name, state, bytes: file?.size ?? 0, verdict }
    })
  }

  /** The name for the next index over a version of embeddings. */
  nextName(version: string): string {
    const known = [...this.names(), ...this.pointer.log.map(({ to }) => to)]
    const numbers = known
      .filter((name) => name.startsWith(`${version}@ivf-`))
      .map((name) => Number(name.split('@ivf-')[1]))
    const highest = Math.max(0, ...numbers)
    return `${version}@ivf-${highest + 1}`
  }

  /** Makes room for an index; gives where its file goes, and the one of its keys. */
  place(name: string): { readonly path: string; readonly keysPath: string } {
    const folder = join(this.folder, name)
    fs.mkdirSync(folder, { recursive: true })
    return { path: join(folder, INDEX), keysPath: join(folder, KEYS) }
  }

  /** Writes down what was found of an index. A refused one is not kept. */
  judge(name: string, verdict: Verdict): void {
    const files = this.place(name)
    if (!verdict.pass) for (const path of Object.values(files)) fs.rmSync(path, { force: true })
    replace(join(this.folder, name, VERDICT), verdict)
  }

  /** @throws SluiceError ERR_INDEX_INVALID for a file that is missing, cut short or damaged, or of other embeddings */
  open(name: string): VectorIndex {
    return openIndex(join(this.folder, name, INDEX), versionOf(name))
  }

  /** Whose vectors it holds. @throws SluiceError ERR_INDEX_INVALID for a file that is missing, cut short or damaged */
  keys(name: string): KeyedRows {
    return readKeys(join(this.folder, name, KEYS))
  }

  /** Makes one live; the one before is kept for a while, and so is the last one of the embeddings before. */
  promote(name: string, why: string, { keepMs, keepVersionMs }: { keepMs: number; keepVersionMs: number }): void {
    const { live, past = null, log } = this.pointer
    const at = this.clock.now()
    const crosses = live !== null && versionOf(live) !== versionOf(name)
    const before = live === null || live === name || crosses ? null : { name: live, until: at + keepMs }
    const last = crosses ? { name: live, until: at + keepVersionMs } : past
    this.write({ live: name, before, past: last, log: [...log, { at, from: live, to: name, why }] })
  }

  /** The embeddings before those of `version` whose index is kept to go back to; undefined when the time is over. */
  past(version: string): string | undefined {
    const { live, past } = this.pointer
    if (live !== null && versionOf(live) !== version) return versionOf(live) // what serves is older than what comes
    return past && past.until > this.clock.now() ? versionOf(past.name) : undefined
  }

  /** Goes back to the one before. @throws SluiceError ERR_INDEX_STATE when there is none any more */
  rollback(why: string): { from: string; to: string } {
    const { live, before, past, log } = this.pointer
    const at = this.clock.now()
    const isKept = (one: Kept | null | undefined): one is Kept => !!one && one.until > at
    if (live === null || (!isKept(before) && !isKept(past)))
      throw new SluiceError('ERR_INDEX_STATE', ['roll back', live ?? 'an index', 'no earlier one is kept'])
    if (!isKept(before))
      throw new SluiceError('ERR_INDEX_STATE', [
        'roll back',
        live,
        `the one before, ${past?.name}, is of other embeddings; go back to that model with "sluice models rollback"`,
      ])
    const change = { at, from: live, to: before.name, why }
    this.write({ live: before.name, before: null, past: past ?? null, log: [...log, change] })
    return { from: live, to: before.name }
  }

  /** Removes what serves no more and is kept no longer, of all embeddings or of these alone. Gives the names. */
  sweep(version?: string): string[] {
    const { live, before, past } = this.pointer
    const now = this.clock.now()
    const kept = [before, past].map((one) => (one && one.until > now ? one.name : undefined))
    const idle = this.list().filter(
      ({ name }) => name !== live && !kept.includes(name) && (version ?? versionOf(name)) === versionOf(name),
    )
    const refused = idle.filter(({ state }) => state === 'refused')
    const gone = idle.filter((one) => one.state !== 'refused').concat(refused.slice(0, -REFUSED_MAX))
    for (const { name } of gone) fs.rmSync(join(this.folder, name), { recursive: true, force: true })
    return gone.map(({ name }) => name)
  }

  private names(): string[] {
    if (!fs.existsSync(this.folder)) return []
    return fs
      .readdirSync(this.folder)
      .filter((name) => NAME.test(name))
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  }

  /** What was found of an index; undefined where it cannot be read. */
  verdict(name: string): Verdict | undefined {
    const path = join(this.folder, name, VERDICT)
    try {
      return JSON.parse(fs.readFileSync(path, 'utf8')) as Verdict
    } catch {
      return undefined // not written yet, or cut short: shown as no verdict
    }
  }

  private write(pointer: Pointer): void {
    fs.mkdirSync(this.folder, { recursive: true })
    replace(join(this.folder, POINTER), { ...pointer, log: pointer.log.slice(-LOG_MAX) })
  }
}

/** The version of the embeddings, from the name of an index over them. */
export const versionOf = (name: string): string => name.split('@')[0] ?? name

/** How many indexes were made over those embeddings, this one counted; 0 for an exact one, which none was made for. */
export const generationOf = (name: string): number => Number(name.split('@ivf-')[1] ?? 0)

function replace(path: string, value: unknown): void {
  try {
    fs.writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { flush: true })
    fs.renameSync(`${path}.new`, path)
  } catch (cause) {
    throw new SluiceError('ERR_DISK_WRITE', [path, (cause as Error).message], { cause })
  }
}
