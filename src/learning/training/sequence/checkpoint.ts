import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { SluiceError } from '../../../foundation/base/index.ts'

const MAGIC = 'sluice checkpoint 1\n'
const DIGEST = 32

/** Named float arrays and a JSON value in one file. */
export interface Checkpoint<T> {
  readonly header: T
  readonly arrays: Readonly<Record<string, Float32Array>>
}

/**
 * Writes beside the file, makes it durable, then renames it over: whoever is killed at any moment leaves either the old
 * checkpoint or the new one. The end of the file is the SHA-256 of all before it.
 */
export function writeCheckpoint<T>(path: string, { header, arrays }: Checkpoint<T>): void {
  const sizes = Object.entries(arrays).map(([name, array]) => [name, array.length] as const)
  const text = `${MAGIC}${JSON.stringify({ header, sizes })}`
  const padding = ' '.repeat(3 - (Buffer.byteLength(text) % 4)) // so that the arrays stand on multiples of 4
  const parts: Uint8Array[] = [Buffer.from(`${text}${padding}\n`)]
  for (const { buffer, byteOffset, byteLength } of Object.values(arrays)) {
    parts.push(new Uint8Array(buffer, byteOffset, byteLength))
  }
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  const fd = fs.openSync(`${path}.new`, 'w')
  try {
    for (const part of [...parts, hash.digest()]) {
      for (let done = 0; done < part.length; ) done += fs.writeSync(fd, part, done)
    }
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
  fs.renameSync(`${path}.new`, path)
}

/** @returns undefined when there is no such file; ERR_MODEL_INVALID when it is damaged */
export function readCheckpoint<T>(path: string): Checkpoint<T> | undefined {
  if (!fs.existsSync(path)) return undefined
  const bytes = fs.readFileSync(path)
  const body = bytes.subarray(0, Math.max(0, bytes.length - DIGEST))
  const digest = createHash('sha256').update(body).digest()
  if (!body.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC)) || !digest.equals(bytes.subarray(body.length))) {
    throw new SluiceError('ERR_MODEL_INVALID', [path, 'the checkpoint is damaged or of another format'])
  }
  const end = body.indexOf('\n', MAGIC.length)
  const { header, sizes } = JSON.parse(body.toString('utf8', MAGIC.length, end)) as {
    header: T
    sizes: readonly (readonly [string, number])[]
  }
  const arrays: Record<string, Float32Array> = {}
  let at = end + 1
  for (const [name, length] of sizes) {
    arrays[name] = new Float32Array(length)
    Buffer.from(arrays[name].buffer).set(body.subarray(at, at + length * 4))
    at += length * 4
  }
  return { header, arrays }
}
