import fs from 'node:fs'
import { promisify } from 'node:util'

/** What writing needs of a file system; a test puts a failing one in its place. Reading goes to the files directly. */
export interface Disk {
  open(path: string, flags: number): Promise<number>
  /** Bytes written; may be fewer than asked for. */
  write(fd: number, buffer: Uint8Array, offset: number, length: number, position: number): Promise<number>
  /** Makes the content of a file durable. */
  sync(fd: number): Promise<void>
  truncate(fd: number, length: number): Promise<void>
  close(fd: number): Promise<void>
  /** Synchronous, so that no reader can come between the new name and the new length. */
  rename(from: string, to: string): void
  unlink(path: string): void
  /** Makes names in a folder durable. */
  syncFolder(folder: string): Promise<void>
}

const open = promisify(fs.open)
const fdatasync = promisify(fs.fdatasync)
const fsync = promisify(fs.fsync)
const ftruncate = promisify(fs.ftruncate)
const close = promisify(fs.close)

export const nodeDisk: Disk = {
  open: (path, flags) => open(path, flags, 0o644),
  write: (fd, buffer, offset, length, position) =>
    new Promise((resolve, reject) => {
      fs.write(fd, buffer, offset, length, position, (error, written) => (error ? reject(error) : resolve(written)))
    }),
  sync: (fd) => fdatasync(fd),
  truncate: (fd, length) => ftruncate(fd, length),
  close: (fd) => close(fd),
  rename: (from, to) => fs.renameSync(from, to),
  unlink: (path) => fs.unlinkSync(path),
  syncFolder: async (folder) => {
    if (process.platform === 'win32') return // folders cannot be opened there; names are journalled by NTFS
    const fd = await open(folder, 'r')
    try {
      await fsync(fd)
    } finally {
      await close(fd)
    }
  },
}

/** Writes a whole range; a disk that takes nothing any more is an error, not an endless loop. */
export async function writeAll(
  disk: Disk,
  fd: number,
  buffer: Uint8Array,
  length: number,
  position: number,
): Promise<void> {
  for (let done = 0; done < length; ) {
    const written = await disk.write(fd, buffer, done, length - done, position + done)
    if (written <= 0) throw new Error(`the disk took ${done} of ${length} bytes`)
    done += written
  }
}
