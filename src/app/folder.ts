import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../foundation/base/index.ts'
import { lockFolder, lockOwner, refuseForeign } from '../foundation/store/index.ts'
import type { WorldSizes } from '../world/index.ts'

/** Where things lie in a data folder. */
export interface Folder {
  readonly root: string
  readonly journal: string
  readonly served: string
  readonly models: string
  readonly indexes: string
  readonly cache: string
}

export function folderOf(root: string): Folder {
  return {
    root,
    journal: join(root, 'journal'),
    served: join(root, 'served'),
    models: join(root, 'models'),
    indexes: join(root, 'indexes'),
    cache: join(root, 'cache'),
  }
}

/** Raised when the layout or a record changes so that an older version would misread it. */
export const DATA_FORMAT = 1
/** What the engine keeps in a data folder. */
export const KEPT = [
  'journal',
  'served',
  'secret',
  'models',
  'indexes',
  'cache',
  'world.json',
  'changes.jsonl',
] as const

/** Stands in the folder while a simulated platform is written into it. */
const UNFINISHED = 'world.unfinished'
const WORLD_NOTE = 'world.json'

/** Was the making of a simulated platform cut short? Half of one is no platform: it is to be made anew. */
export function isUnfinished(root: string): boolean {
  return existsSync(join(root, UNFINISHED))
}

/** Says that a simulated platform is being made; gives the way to say that it is whole. */
export function markUnfinished(root: string): () => void {
  const path = join(root, UNFINISHED)
  writeFileSync(path, '', { flush: true })
  return () => rmSync(path)
}

/** Notes which simulated platform the folder holds, so that its users can live on. */
export function noteWorld(root: string, sizes: WorldSizes): void {
  writeFileSync(join(root, WORLD_NOTE), JSON.stringify(sizes) + '\n', { flush: true })
}

/** The simulated platform in the folder; none in one that was filled otherwise. */
export function worldIn(root: string): WorldSizes | undefined {
  const path = join(root, WORLD_NOTE)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as WorldSizes) : undefined
}

/** Data that nobody can make again: a folder that was begun and not filled with a simulated platform. */
export function holdsOwnData(root: string): boolean {
  return existsSync(folderOf(root).journal) && !isUnfinished(root) && worldIn(root) === undefined
}

/** Removes what the engine keeps in a folder; anything else there is left alone. @throws SluiceError ERR_DATA_FOREIGN */
export function emptyFolder(root: string): void {
  refuseForeign(root, KEPT)
  for (const name of [...KEPT, 'format.json', UNFINISHED]) {
    rmSync(join(root, name), { recursive: true, force: true })
  }
}

/** The secret that signs cursors, made once per folder so that they outlive a restart; of this process alone where none can be kept. */
export function secretOf(root: string, readOnly = false): Buffer {
  const path = join(root, 'secret')
  if (!existsSync(path)) {
    if (readOnly) return randomBytes(32)
    // Whole or not at all: an empty secret, from a start that was cut short, would let anyone sign.
    writeFileSync(`${path}.new`, randomBytes(32), { mode: 0o600, flush: true })
    renameSync(`${path}.new`, path)
  }
  return readFileSync(path)
}

/** Who has a data folder open, if anybody. */
export function lockedBy(root: string): { pid: number } | undefined {
  if (!existsSync(root)) return undefined
  try {
    lockFolder(root).release()
    return undefined
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'ERR_DATA_IN_USE') throw error
    return { pid: lockOwner(root) ?? 0 }
  }
}
