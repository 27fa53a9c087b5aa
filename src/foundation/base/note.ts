import fs from 'node:fs'

/**
 * Writes a small file whole, or leaves none. On a disk without room the text becomes the target of a link: a short one, up
 * to some sixty characters, lies where names do and needs no room of its own. `short` is what is written then.
 * @throws what the system says; EEXIST when there is something of that name
 */
export function putNote(path: string, text: string, short = text): void {
  const fd = fs.openSync(path, 'wx')
  try {
    fs.writeFileSync(fd, text)
  } catch (error) {
    fs.rmSync(path, { force: true })
    if (!isFull(error)) throw error
    linked(path, short, error)
  } finally {
    fs.closeSync(fd)
  }
}

/** What a note says; undefined when there is none. */
export function readNote(path: string): string | undefined {
  try {
    return fs.readlinkSync(path)
  } catch {
    // EINVAL: a file, as it is where there was room
  }
  try {
    return fs.readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Was there no room for it? */
export function isLinked(path: string): boolean {
  return fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

const isFull = (error: unknown) => ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')

function linked(path: string, short: string, why: unknown): void {
  try {
    fs.symlinkSync(short, path)
  } catch (error) {
    // No links here, or no room for one: what was said first tells more.
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? error : why
  }
}
