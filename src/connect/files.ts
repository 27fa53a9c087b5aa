import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../foundation/base/index.ts'
import type { ImportOptions } from './contract.ts'

export function pathError(path: string, why: string, cause?: unknown): SluiceError {
  return new SluiceError('ERR_IMPORT_PATH', [path, why], cause === undefined ? undefined : { cause })
}

/** @throws SluiceError ERR_IMPORT_PATH when nothing is there */
export async function kindOfPath(path: string): Promise<'file' | 'folder'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch (cause) {
    throw pathError(path, 'there is no such file or folder', cause)
  }
}

/** Names in a folder, sorted by code unit, so that every machine reads files in one order. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort()
}

/**
 * The files to read: the path itself when it is a file, else the folder's files whose names fit, sorted.
 * @throws SluiceError ERR_IMPORT_PATH when the folder has none
 */
export async function filesAt(path: string, fits: RegExp, wanted: string): Promise<string[]> {
  if ((await kindOfPath(path)) === 'file') return [path]
  const names = (await namesIn(path)).filter((name) => fits.test(name))
  if (names.length === 0) throw pathError(path, `it holds no ${wanted}`)
  return names.map((name) => join(path, name))
}

/** Tells how far reading has come, over all files of one import. */
export class Meter {
  private read = 0
  private readonly total: number
  private readonly tell: ImportOptions['onProgress']

  private constructor(total: number, tell: ImportOptions['onProgress']) {
    this.total = total
    this.tell = tell
  }

  static async of(files: readonly string[], options: ImportOptions): Promise<Meter> {
    let total = 0
    for (const file of files) total += (await stat(file)).size
    return new Meter(total, options.onProgress)
  }

  add(bytes: number): void {
    this.read += bytes
    this.tell?.(this.read, this.total)
  }
}
