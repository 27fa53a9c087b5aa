import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { putNote, readNote, SluiceError } from '../foundation/base/index.ts'
import { existingFolder } from './options.ts'

/** A server that has a data folder open. */
export interface RunningServer {
  readonly pid: number
  readonly url: string
}

const NAME = 'server.json'

/**
 * Notes in the data folder who serves it and where, so that other commands ask that server. Gives the way to take it back.
 * @throws what the system says, when even so little cannot be written
 */
export function announceServer(data: string, running: RunningServer): () => void {
  const path = join(data, NAME)
  const draft = `${path}.${running.pid}.tmp`
  rmSync(draft, { force: true }) // of a process that had this id before
  putNote(draft, JSON.stringify(running))
  renameSync(draft, path)
  return () => {
    if (noteAt(path)?.pid === running.pid) rmSync(path, { force: true })
  }
}

/** The live server of a data folder. A note whose process is gone (after a kill -9) does not count. */
export function findServer(data: string): RunningServer | undefined {
  const note = noteAt(join(data, NAME))
  return note && alive(note.pid) ? note : undefined
}

/** The address of the live server of a data folder. @throws SluiceError ERR_DATA_MISSING, ERR_SERVER_UNREACHABLE */
export function serverUrl(folder: string, data: string): string {
  const path = existingFolder(folder, data)
  const server = findServer(path)
  if (!server) throw new SluiceError('ERR_SERVER_UNREACHABLE', [path, 'no server has this data folder open'])
  return server.url
}

function noteAt(path: string): RunningServer | undefined {
  try {
    const text = readNote(path)
    if (text === undefined) return undefined // nobody serves it
    const { pid, url } = JSON.parse(text) as Partial<RunningServer>
    return Number.isInteger(pid) && typeof url === 'string' ? { pid: pid as number, url } : undefined
  } catch {
    return undefined // half a note, or one of another hand: as good as none
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
