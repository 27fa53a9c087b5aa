import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Longest wait for a server to be ready: it makes its world first. */
const READY_MS = 600_000
/** Longest wait for it to stop. */
const STOP_MS = 10_000

export interface OwnServer {
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts a server of this program in a process of its own, on a simulated platform, that allows faults. Without a data
 * folder it gets one that is deleted afterwards. `config`: a file to go by.
 */
export async function ownServer(
  world: string,
  data: string | undefined,
  tell: (line: string) => void,
  config?: string,
): Promise<OwnServer> {
  const folder = data ?? mkdtempSync(join(tmpdir(), 'sluice-gameday-'))
  const words = [
    'up',
    '--json',
    '--port',
    '0',
    '--world',
    world,
    '--data',
    folder,
    ...(config === undefined ? [] : ['--config', config]),
  ]
  const child = spawn(process.execPath, [process.argv[1] as string, ...words], {
    env: { ...process.env, SLUICE_FAULTS: 'on', PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<void>((done) => child.once('close', () => done()))
  const close = async () => {
    child.kill('SIGTERM')
    const cut = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(cut)
    if (data === undefined) rmSync(folder, { recursive: true, force: true })
  }
  let said = ''
  child.stderr.on('data', (piece: Buffer) => {
    said = (said + piece.toString('utf8')).slice(-2000)
  })
  try {
    tell('Starting a server on a simulated platform')
    const url = await new Promise<string>((found, lost) => {
      let printed = ''
      const late = setTimeout(() => lost(new Error(`The server was not ready in time: ${said}`)), READY_MS)
      child.stdout.on('data', (piece: Buffer) => {
        printed += piece.toString('utf8')
        const ready = /"url":"([^"]+)"/.exec(printed)
        if (!ready) return
        clearTimeout(late)
        found(ready[1] as string)
      })
      void ended.then(() => lost(new Error(`The server ended before it was ready: ${said}`)))
    })
    return { url, close }
  } catch (error) {
    await close()
    throw error
  }
}
