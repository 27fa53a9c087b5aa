import type { Clock } from '../../foundation/base/index.ts'
import type { Entry } from '../../stream/events/index.ts'
import { createWorld, type WorldSizes } from '../../world/index.ts'
import type { Progress } from '../engine.ts'
import type { WorldSize } from '../options.ts'
import type { Ingest } from './ingest.ts'

const BATCH = 10_000

/** Fills an empty journal with the history of a simulated platform that ends now. Gives what makes the same world again. */
export async function fillWithWorld(
  ingest: Ingest,
  size: WorldSize,
  clock: Clock,
  tell: (progress: Progress) => void,
): Promise<WorldSizes> {
  const world = createWorld({ ...size, end: clock.now() })
  const total = world.sizes.events + world.sizes.items + world.sizes.users
  let done = 0
  let batch: Entry[] = []
  for (const made of world.entries()) {
    batch.push(
      made.type === 'event'
        ? { type: 'event', event: { ...made.event, at: made.event.at as number, receivedAt: made.event.at as number } }
        : made,
    )
    if (batch.length < BATCH) continue
    await ingest.write(batch)
    done += batch.length
    tell({ phase: 'world', done: Math.min(done, total), total })
    batch = []
  }
  await ingest.write(batch)
  tell({ phase: 'world', done: total, total })
  return world.sizes
}
