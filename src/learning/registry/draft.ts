import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { SluiceError } from '../../foundation/base/index.ts'
import { syncPath } from '../../foundation/store/index.ts'
import { fingerprint, namesIn, onDisk } from './disk.ts'
import {
  checkFileName,
  MANIFEST_FILE,
  type Manifest,
  type ManifestInput,
  MODELS_SCHEMA,
  versionName,
} from './manifest.ts'
import { readPointer } from './pointer.ts'

const PREFIX = '.draft-'
/** Tries to find a free number; another trainer may take the same one at the same moment. */
const TRIES_MAX = 100
/** A folder of this pid that is older than this process by so much was made by another that had the pid. */
const BEFORE_MS = 1000

/**
 * A version in the making: a folder that nobody looks into until `commit` gives it its number. Left behind by a killed
 * trainer it is swept away later.
 */
export class Draft {
  readonly name: string
  /** Where its files go; take names from `path`. */
  readonly folder: string
  private readonly now: () => number
  private readonly files: string[] = []

  constructor(modelFolder: string, name: string, now: () => number) {
    this.name = name
    this.now = now
    this.folder = onDisk(`model ${name}`, () => fs.mkdtempSync(join(modelFolder, `${PREFIX}${process.pid}-`)))
  }

  /** Where to write a file of this version. */
  path(file: string): string {
    checkFileName(file)
    if (!this.files.includes(file)) this.files.push(file)
    return join(this.folder, file)
  }

  write(file: string, content: string | Uint8Array): void {
    const path = this.path(file)
    onDisk(`model ${this.name}`, () => fs.writeFileSync(path, content))
  }

  /** Makes everything durable, then the version visible, in one step. */
  async commit(input: ManifestInput): Promise<Manifest> {
    const files = []
    for (const name of [...this.files].sort()) {
      files.push({ name, ...(await fingerprint(join(this.folder, name))) })
      onDisk(`model ${this.name}`, () => syncPath(join(this.folder, name)))
    }
    const home = dirname(this.folder)
    const head = { schema: MODELS_SCHEMA, name: this.name } as const
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const version = versionName(nextNumber(home))
      const manifest: Manifest = { ...head, version, createdAt: this.now(), ...input, files }
      onDisk(`model ${this.name}`, () => {
        fs.writeFileSync(join(this.folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true })
        syncPath(this.folder)
      })
      if (!this.become(join(home, version))) continue
      onDisk(`model ${this.name}`, () => syncPath(home))
      return manifest
    }
    throw new SluiceError('ERR_MODEL_STATE', ['register', this.name, `no free number was found in ${TRIES_MAX} tries`])
  }

  /** Throws it away. */
  discard(): void {
    fs.rmSync(this.folder, { recursive: true, force: true })
  }

  /** False when another one has that number already. */
  private become(folder: string): boolean {
    try {
      fs.renameSync(this.folder, folder)
      return true
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOTEMPTY' || code === 'EEXIST') return false
      throw new SluiceError('ERR_DISK_WRITE', [`model ${this.name}`, (error as Error).message], { cause: error })
    }
  }
}

function nextNumber(home: string): number {
  return namesIn(home).reduce((most, name) => Math.max(most, Number(name) || 0), readPointer(home).removed) + 1
}

/** Removes what processes that are gone have left behind. */
export function sweep(home: string): void {
  for (const name of namesIn(home)) {
    const path = join(home, name)
    const left = name.startsWith(REMOVED) || (name.startsWith(PREFIX) && !underWay(path, Number(name.split('-')[1])))
    if (left) fs.rmSync(path, { recursive: true, force: true })
  }
}

/** Is a draft in the making? A process in a container often has the pid of the one before it: then its age tells. */
function underWay(path: string, pid: number): boolean {
  if (pid !== process.pid) return lives(pid)
  const began = Date.now() - 1000 * process.uptime()
  return (fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > began - BEFORE_MS
}

/** Folders on their way out carry this name, so that a half-removed version is no version. */
export const REMOVED = '.removed-'

function lives(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
