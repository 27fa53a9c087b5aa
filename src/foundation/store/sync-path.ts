import fs from 'node:fs'

/** Makes the content of a file, or the names in a folder, durable; blocks the thread. */
export function syncPath(path: string): void {
  if (process.platform === 'win32' && fs.statSync(path).isDirectory()) return // folders cannot be opened there
  const fd = fs.openSync(path, 'r')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}
