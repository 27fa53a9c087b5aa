import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WorldOptions } from '../../src/world/index.ts'
import { keptIndexOf, takeIndex } from './kept-index.ts'
import { TWO_TOWER } from '../../src/serving/inference/index.ts'
import { INVERT_FROM } from '../../src/serving/vectors/index.ts'
import { hasModels } from './models.ts'
import { forkRole } from './roles.ts'

/** The platform a bench runs on, by size. */
export interface PlatformSize {
  readonly items: number
  readonly users: number
  readonly events: number
}

export const MILLION: PlatformSize = { items: 1_000_000, users: 50_000, events: 1_500_000 }

/** Reads "--items 100000" and so on; the users and events follow the items when they are not given. */
export function sizeFrom(words: readonly string[]): PlatformSize {
  const items = numberAfter(words, '--items') ?? MILLION.items
  const users = numberAfter(words, '--users') ?? Math.max(200, Math.round(items / 20))
  return { items, users, events: numberAfter(words, '--events-past') ?? users * 30 }
}

export function numberAfter(words: readonly string[], name: string): number | undefined {
  const at = words.indexOf(name)
  return at < 0 ? undefined : Number(words[at + 1])
}

/** The data folder of a simulated platform of this size: made when it is not there, else used again. */
export async function platformFolder({ items, users, events }: PlatformSize): Promise<string> {
  const root = process.env['SLUICE_BENCH_DATA'] ?? join(tmpdir(), 'sluice-bench')
  const data = join(root, `world-${items}-${users}-${events}`)
  if (existsSync(join(data, 'world.json'))) return data
  mkdirSync(root, { recursive: true })
  console.log(`making ${data}: ${items} items, ${users} users, ${events} events (once)`)
  const began = performance.now()
  const child = forkRole('build', [data, JSON.stringify({ items, users, events })])
  await child.ended
  if (!existsSync(join(data, 'world.json'))) throw new Error(`${data} could not be made: see above`)
  console.log(`made in ${((performance.now() - began) / 1000).toFixed(0)} s`)
  return data
}

/** A small world, on which the models of the benches are made. Ids are hashed: they serve a larger one of its kind. */
const SMALL: PlatformSize = { items: 20_000, users: 1_000, events: 30_000 }

/** Puts lightly trained models of serving size into the registry of a copy of a folder, and the index over its items. */
export async function addModels(scratch: string, data: string, { towers = true } = {}): Promise<void> {
  const source = await platformFolder(SMALL)
  if (!hasModels(source)) {
    console.log('training models for it (once)')
    await forkRole('models', [source]).ended
    if (!hasModels(source)) throw new Error('the models could not be made: see above')
  }
  cpSync(join(source, 'models'), join(scratch, 'models'), { recursive: true })
  if (!towers) return rmSync(join(scratch, 'models', TWO_TOWER), { recursive: true })
  if ((worldOf(data).items ?? 0) < INVERT_FROM) return // searched exactly
  const kept = keptIndexOf(data, scratch)
  if (takeIndex(kept, scratch)) return
  console.log('encoding and indexing all items (once)')
  await forkRole('index', [scratch]).ended
  if (existsSync(join(scratch, 'indexes'))) cpSync(join(scratch, 'indexes'), kept, { recursive: true })
}

/** A copy of a folder to run on, so that every run begins with the same; removed by the caller. */
export function scratchOf(data: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'sluice-bench-run-'))
  cpSync(data, copy, { recursive: true })
  return copy
}

/** What makes the folder's world again. */
export function worldOf(data: string): WorldOptions {
  const { start: _, ...world } = JSON.parse(
    readFileSync(join(data, 'world.json'), 'utf8'),
  ) as Required<WorldOptions> & {
    start: number
  }
  return world
}
