import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SluiceError } from '../foundation/base/index.ts'

/** Writes what `--out` asks for. @throws SluiceError ERR_FILE_WRITE */
export async function writeOut(folder: string, file: string, text: string): Promise<void> {
  const path = resolve(folder, file)
  try {
    await writeFile(path, text)
  } catch (error) {
    throw fileError(path, error)
  }
}

/** What the system refused about a file that a person named, as an error from the table; everything else as it is. */
export function fileError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SluiceError || !('syscall' in error)) return error
  return new SluiceError('ERR_FILE_WRITE', [path, error.message], { cause: error })
}
