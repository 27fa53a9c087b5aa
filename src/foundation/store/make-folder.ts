import fs from 'node:fs'
import { dirname, resolve } from 'node:path'
import { SluiceError } from '../base/index.ts'

/**
 * Makes a folder and the missing ones above it. Step by step, because the recursive call of Node never returns where
 * the file system refuses new names with "no such file" (/proc does).
 * @throws SluiceError ERR_DATA_FOLDER
 */
export function makeFolder(folder: string): void {
  const missing: string[] = []
  for (let path = resolve(folder); !fs.existsSync(path); path = dirname(path)) missing.push(path)
  try {
    for (const path of missing.reverse()) makeOne(path)
  } catch (error) {
    throw folderError(folder, error)
  }
}

function makeOne(path: string): void {
  try {
    fs.mkdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // another process was faster
  }
}

/** What the system refused in a data folder, as an error from the table; everything else as it is. */
export function folderError(folder: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SluiceError || !('syscall' in error)) return error
  const way = ways[(error as NodeJS.ErrnoException).code ?? ''] ?? 'Make it writable for this user'
  return new SluiceError('ERR_DATA_FOLDER', [folder, `${error.message}. ${way}`], { cause: error })
}

/** What helps, by what the system said. */
const ways: Readonly<Record<string, string>> = {
  ENOTDIR: 'It is a file, or it lies in one: name a folder',
  ENOSPC: 'Free some space (what lies in the cache/ of a data folder can be made again)',
  ENAMETOOLONG: 'Give it a shorter name',
}
