/**
 * Values by key, as a process keeps them for others: blobs of fixed width. The law: what was put is got, whole, until it
 * is dropped or its time is over; a batch is one round trip; a store that is down rejects, and is no reason to wait.
 */
export interface ValueStore {
  readonly name: string
  /** One entry per key, undefined where there is none. */
  get(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>
  put(entries: readonly (readonly [key: string, value: Uint8Array])[]): Promise<void>
  drop(keys: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** In this process: the reference that drivers are held to. */
export function memoryStore(): ValueStore {
  const held = new Map<string, Uint8Array>()
  return {
    name: 'memory',
    get: async (keys) => keys.map((key) => held.get(key)),
    put: async (entries) => {
      for (const [key, value] of entries) held.set(key, value.slice())
    },
    drop: async (keys) => {
      for (const key of keys) held.delete(key)
    },
    close: async () => held.clear(),
  }
}
