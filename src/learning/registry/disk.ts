import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { dirname } from 'node:path'
import { SluiceError } from '../../foundation/base/index.ts'
import { syncPath } from '../../foundation/store/index.ts'

/** Hash and size of a file, without blocking the thread for long. */
export async function fingerprint(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of fs.createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  return { sha256: hash.digest('hex'), bytes }
}

/** Puts a file in the place of another in one step: whoever reads it sees the old one or the new one, whole. */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.new`
  onDisk(path, () => {
    fs.writeFileSync(temporary, text, { flush: true })
    fs.renameSync(temporary, path)
    syncPath(dirname(path))
  })
}

/** @throws SluiceError ERR_DISK_WRITE for what the disk refused */
export function onDisk<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof SluiceError || (error as NodeJS.ErrnoException).syscall === undefined) throw error
    throw new SluiceError('ERR_DISK_WRITE', [what, (error as Error).message], { cause: error })
  }
}

/** Names in a folder, sorted; none when it does not exist, or lies in a file. */
export function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).sort()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
