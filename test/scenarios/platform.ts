import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine, type Engine } from '../../src/app/index.ts'
import { completeConfig, type ConfigInput, type Item } from '../../src/domain/index.ts'
import { manualClock, Random } from '../../src/foundation/base/index.ts'

/** The moment at which test platforms stand. */
export const NOW = Date.UTC(2026, 5, 1, 12)

export interface TestPlatform {
  readonly engine: Engine
  readonly data: string
  readonly clock: ReturnType<typeof manualClock>
  /** Closes and opens again on the same folder. */
  restart(): Promise<Engine>
  close(): Promise<void>
}

/** An engine on a folder of its own, with a clock that stands still. */
export async function platform(
  config: ConfigInput = {},
  data = mkdtempSync(join(tmpdir(), 'sluice-')),
): Promise<TestPlatform> {
  const clock = manualClock(NOW)
  const options = { data, config: completeConfig(config), clock }
  let engine = createEngine(options)
  await engine.open()
  return {
    get engine() {
      return engine
    },
    data,
    clock,
    async restart() {
      await engine.close()
      engine = createEngine(options)
      await engine.open()
      return engine
    },
    async close() {
      await engine.close()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** A seeded catalogue in which every rule that can keep an item off a slate occurs. */
export function catalogue(count: number, seed = 'catalogue'): Item[] {
  const random = new Random(seed)
  const day = 86_400_000
  return Array.from({ length: count }, (_, i) => ({
    id: `i${i}`,
    title: `${random.pick(['Quiet', 'Bright', 'Early', 'Late'])} ${random.pick(['jazz', 'chess', 'bread', 'stars'])} ${i}`,
    creator: `c${random.int(12)}`,
    categories: [random.pick(['music', 'games', 'food', 'sky'])],
    tags: [random.pick(['live', 'short', 'long']), random.pick(['calm', 'loud'])],
    duration: 30 + random.int(600),
    published: NOW - random.int(60) * day + (random.chance(0.05) ? 90 * day : 0),
    price: random.int(50),
    ...(random.chance(0.08) ? { hidden: true } : {}),
    ...(random.chance(0.08) ? { expires: NOW - day } : {}),
    ...(random.chance(0.08) ? { flags: ['blocked'] } : {}),
    ...(random.chance(0.08) ? { ageRating: 18 } : {}),
    ...(random.chance(0.08) ? { countries: ['DE'] } : {}),
    ...(random.chance(0.08) ? { stock: 0 } : {}),
  }))
}

/** Every byte of a folder's files, by path. */
export function filesOf(folder: string): { path: string; bytes: Buffer }[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((path) => ({ path, bytes: readFileSync(path) }))
}

let made = 0
export function event(kind: string, user: string, item: string, changes: object = {}): object {
  return { id: `event-${made++}`, kind, user, item, at: NOW, ...changes }
}
