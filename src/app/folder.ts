import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../foundation/base/index.ts'
import { lockFolder } from '../foundation/store/index.ts'

/** Where things lie in a data folder. */
export interface Folder {
  readonly root: string
  readonly journal: string
  readonly served: string
}

export function folderOf(root: string): Folder {
  return { root, journal: join(root, 'journal'), served: join(root, 'served') }
}

/** Raised when the layout or a record changes so that an older version would misread it. */
export const DATA_FORMAT = 1
/** What the engine keeps in a data folder. */
export const KEPT = ['journal', 'served', 'secret'] as const

/** Removes what the engine keeps in a folder; anything else there is left alone. */
export function emptyFolder(root: string): void {
  for (const name of [...KEPT, 'format.json']) {
    rmSync(join(root, name), { recursive: true, force: true })
  }
}

/** The secret that signs cursors, made once per folder so that they outlive a restart. */
export function secretOf(root: string): Buffer {
  const path = join(root, 'secret')
  if (!existsSync(path)) {
    mkdirSync(root, { recursive: true })
    writeFileSync(path, randomBytes(32), { mode: 0o600 })
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
    const { pid = 0 } = JSON.parse(readFileSync(join(root, 'lock.json'), 'utf8')) as { pid?: number }
    return { pid }
  }
}
