import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where things lie in a data folder. */
export interface Folder {
  readonly root: string
  readonly journal: string
  readonly served: string
}

export function folderOf(root: string): Folder {
  return { root, journal: join(root, 'journal'), served: join(root, 'served') }
}

/** Removes what the engine keeps in a folder; anything else there is left alone. */
export function emptyFolder(root: string): void {
  for (const name of ['journal', 'served', 'secret', 'format.json']) {
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
