import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../config-file.ts'
import { ownRedis } from './own-redis.ts'
import { type Day, playAll } from './play-all.ts'
import type { SceneReport } from './play.ts'
import { REDIS, type Scene } from './scenes.ts'

/** Does something on a server of the day's own, which goes by a configuration file. */
export type OnOwn = <T>(config: string | undefined, work: (url: string) => Promise<T>) => Promise<T>

/**
 * A real Redis that holds the online features is killed under load and comes back with what it had. It needs a server
 * that keeps its features there, so another one than that of the other scenes. Skipped, and told, without a redis-server.
 */
export async function redisOutage(day: Day, folder: string, onOwn: OnOwn): Promise<SceneReport[]> {
  const redis = await ownRedis()
  if (!redis) {
    day.tell(`The scene ${REDIS} is skipped: there is no redis-server on this machine`)
    return []
  }
  const place = await mkdtemp(join(tmpdir(), 'sluice-gameday-config-'))
  try {
    const { config } = await loadConfig(folder)
    const file = join(place, 'sluice.config.json')
    const stored = { ...config, features: { ...config.features, store: redis.store } }
    await writeFile(file, JSON.stringify(stored), { mode: 0o600 }) // it may hold keys
    const scene: Scene = { name: REDIS, faults: [], outside: { begin: redis.kill, end: redis.start } }
    return await onOwn(file, (url) => playAll({ ...day, url }, [scene], [], 'healthy, on Redis'))
  } finally {
    await redis.close()
    await rm(place, { recursive: true, force: true })
  }
}
