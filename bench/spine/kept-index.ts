import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createEngine, indexShelves } from '../../src/app/index.ts'
import { completeConfig } from '../../src/domain/index.ts'
import { hash32 } from '../../src/foundation/base/index.ts'
import { Registry } from '../../src/learning/registry/index.ts'
import { TWO_TOWER } from '../../src/serving/inference/index.ts'
import { INVERT_FROM } from '../../src/serving/vectors/index.ts'

/** Between two looks whether the index is there. */
const LOOK_MS = 200
/** It is there by then, or something is wrong. */
const GROWN_MS = 600_000

/**
 * Where the index of the towers over all items of a folder is kept between runs: beside it, named by the towers. The
 * first run makes it as a server does: the trained items' tower encodes every item, and the inverted file is built aside.
 */
export function keptIndexOf(data: string, scratch: string): string {
  const registry = new Registry(join(scratch, 'models'))
  const { files } = registry.show(TWO_TOWER, registry.live(TWO_TOWER) as string)
  return `${data}-index-${hash32(JSON.stringify(files)).toString(36)}`
}

/** Serves a folder until the index over its items was built, or no source needs one. */
export async function growIndex(data: string): Promise<void> {
  const engine = createEngine({ data, config: completeConfig() })
  const began = performance.now()
  await engine.open()
  const opened = performance.now()
  const { items } = engine.status()
  const live = () =>
    indexShelves(data)
      .list()
      .some(({ source, state }) => source === TWO_TOWER && state === 'live')
  while (items >= INVERT_FROM && !live()) {
    await wait(LOOK_MS)
    if (performance.now() - opened > GROWN_MS) throw new Error(`the index over ${items} items was not built in time`)
  }
  const seconds = (ms: number) => (ms / 1000).toFixed(1)
  console.log(
    `opened in ${seconds(opened - began)} s; ${items} items encoded and indexed ${seconds(performance.now() - opened)} s later`,
  )
  await engine.close()
}

/** Takes the index into a folder, if there is one. */
export function takeIndex(kept: string, scratch: string): boolean {
  if (!existsSync(kept)) return false
  cpSync(kept, join(scratch, 'indexes'), { recursive: true })
  return true
}
