import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** Longest wait for it to answer, and between two looks. */
const READY_MS = 10_000
const LOOK_MS = 20

/** A Redis of one's own, for the game day and for tests: on a socket in a folder that is deleted with it, keeping on disk what it is told. */
export interface OwnRedis {
  /** For `features.store`. */
  readonly store: string
  start(): Promise<void>
  /** As a power cut would. */
  kill(): Promise<void>
  close(): Promise<void>
}

/** Started; undefined where no redis-server is installed. */
export async function ownRedis(): Promise<OwnRedis | undefined> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'sluice-redis-'))
  const socket = join(folder, 'redis.sock')
  const words = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--appendonly', 'yes', '--save', '']
  let child: ChildProcess | undefined
  const redis: OwnRedis = {
    store: `redis+unix://${socket}`,
    async start() {
      rmSync(socket, { force: true })
      child = spawn('redis-server', words, { stdio: 'ignore' })
      for (let waited = 0; !existsSync(socket); waited += LOOK_MS) {
        if (waited > READY_MS || child.exitCode !== null)
          throw new Error('The redis-server of this machine does not start')
        await wait(LOOK_MS)
      }
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    async close() {
      await redis.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  try {
    await redis.start()
  } catch (error) {
    await redis.close()
    throw error
  }
  return redis
}
