import type { Clock } from '../../foundation/base/index.ts'
import type { Log } from '../../foundation/telemetry/index.ts'
import type { Config } from '../../domain/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { Features } from '../../stream/features/index.ts'
import type { FeatureReader } from '../pipeline/index.ts'
import { embeddedReader } from './embedded.ts'
import { keyOf } from './key.ts'
import { Publisher } from './publisher.ts'
import { redisStore } from './redis-store.ts'
import { StoredColumns } from './stored-columns.ts'
import { StoredReader } from './stored-reader.ts'
import type { ValueStore } from './value-store.ts'

/** What reads online features, and what keeps their store current. */
export interface OnlineFeatures {
  readonly reader: FeatureReader
  /** Drops the values that are kept of a user: publishing does so by itself, another thread is told. */
  forget(user: number): void
  /** Publishes what changes from now on. */
  start(): void
  stop(): Promise<void>
}

/** Makes the features of a state readable. Call after they were added to it and before the first entry is folded. */
export type MakeOnline = (state: State, features: Features) => OnlineFeatures

/** Columns of this process. */
export const embedded: MakeOnline = (_, features) => ({
  reader: embeddedReader(features),
  forget() {},
  start() {},
  async stop() {},
})

/** Features by the configuration: embedded, or published to a store and read from there. `close` when all is stopped. */
export async function onlineFeatures(
  config: Config['features'],
  clock: Clock,
  log?: Log,
): Promise<{ readonly make: MakeOnline; close(): Promise<void> }> {
  if (config.store === 'embedded') return { make: embedded, close: async () => undefined }
  const failed = (error: unknown) =>
    log?.error({ error }, 'the feature store does not answer; kept values answer for it')
  const store = await redisStore(config.store, { failed })
  return { make: inStore(store, config, clock, failed), close: () => store.close() }
}

/** Features in a given store. */
export function inStore(
  store: ValueStore,
  config: Config['features'],
  clock: Clock,
  failed: (error: unknown) => void,
): MakeOnline {
  return (state, features) => {
    const columns = new StoredColumns(features)
    const reader = new StoredReader({ state, columns, store, config, clock })
    const forgotten = (key: string) => reader.latest.delete(key)
    const publisher = state.add(new Publisher({ state, columns, store, config, clock, failed, forgotten }))
    return {
      reader,
      forget: (user) => forgotten(keyOf(features.digest, 'user', state.users.ids.name(user))),
      start: () => publisher.start(),
      stop: () => publisher.stop(),
    }
  }
}
