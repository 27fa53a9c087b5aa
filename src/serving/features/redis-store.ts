import type { Redis } from 'ioredis'
import type { ValueStore } from './value-store.ts'

/** Values that nobody publishes any more go by themselves after this. */
const EXPIRE_SECONDS = 86_400
/** A command that takes longer has failed. */
const COMMAND_MS = 1000
const CONNECT_MS = 2000
/** Longest wait between two tries to connect. */
const RECONNECT_MS_MAX = 5000

export interface RedisOptions {
  /** Is told when the connection breaks; it is made anew. */
  readonly failed?: (error: unknown) => void
}

/**
 * Values in Redis or Valkey: one MGET of blobs per read, one pipeline of SETs per batch that is published. Commands fail
 * at once while there is no connection: nothing queues up behind a server that is down.
 *
 * @param address redis://HOST:PORT, rediss://..., or redis+unix:///PATH for a socket on this machine
 */
export async function redisStore(
  address: string,
  { failed = () => undefined }: RedisOptions = {},
): Promise<ValueStore> {
  const { Redis: Client } = await import('ioredis')
  const options = {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_MS,
    connectTimeout: CONNECT_MS,
    retryStrategy: (tries: number) => Math.min(RECONNECT_MS_MAX, 100 * 2 ** Math.min(tries, 6)),
  }
  const socket = /^redis\+unix:\/\/(.+)$/.exec(address)?.[1]
  const client: Redis = socket ? new Client(socket, options) : new Client(address, options)
  client.on('error', failed)
  await client.connect().catch(failed) // it goes on trying; until then reads are answered without it
  return {
    name: 'redis',
    async get(keys) {
      if (keys.length === 0) return []
      return (await client.mgetBuffer(...keys)).map((value) => value ?? undefined)
    },
    async put(entries) {
      const pipeline = client.pipeline()
      for (const [key, value] of entries)
        pipeline.set(key, Buffer.from(value.buffer, value.byteOffset, value.byteLength), 'EX', EXPIRE_SECONDS)
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error
    },
    async drop(keys) {
      if (keys.length > 0) await client.unlink(...keys)
    },
    async close() {
      client.disconnect()
    },
  }
}
