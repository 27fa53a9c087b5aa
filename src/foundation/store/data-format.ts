import fs from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../base/index.ts'
import { nodeDisk } from './disk.ts'
import { makeFolder } from './make-folder.ts'

const FORMAT_FILE = 'format.json'

/**
 * Writes the format of a new data folder (made when it is missing) and checks the one of an old folder, so that no
 * version reads what it would misread. Other files than `own` are none of our business.
 * @returns whether the folder was new
 * @throws SluiceError ERR_DATA_VERSION, ERR_DATA_FOREIGN
 */
export async function dataFormat(
  folder: string,
  wanted: number,
  own: readonly string[] = [],
): Promise<{ created: boolean }> {
  makeFolder(folder)
  const path = join(folder, FORMAT_FILE)
  if (fs.existsSync(path)) {
    const found = formatOf(fs.readFileSync(path, 'utf8'))
    if (found !== String(wanted)) throw new SluiceError('ERR_DATA_VERSION', [folder, found, String(wanted)])
    return { created: false }
  }
  refuseForeign(folder, own)
  fs.writeFileSync(`${path}.new`, `${JSON.stringify({ format: wanted })}\n`, { flush: true })
  fs.renameSync(`${path}.new`, path)
  await nodeDisk.syncFolder(folder)
  return { created: true }
}

/**
 * `own`: names of what the owner keeps in its folder. One of them without a format file was made by something else.
 * @throws SluiceError ERR_DATA_FOREIGN
 */
export function refuseForeign(folder: string, own: readonly string[]): void {
  if (fs.existsSync(join(folder, FORMAT_FILE))) return
  const names = own.filter((name) => fs.existsSync(join(folder, name)))
  if (names.length > 0) throw new SluiceError('ERR_DATA_FOREIGN', [folder, names.join(', ')])
}

function formatOf(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && 'format' in value) return String(value.format)
  } catch {
    // not JSON: as unknown as any other content
  }
  return 'unknown'
}
