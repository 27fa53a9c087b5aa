// Two towers through power cuts: new ones are promoted, the server is killed while they come, started again, the new ones are
// taken back, and it is killed once more. Prints which version is in use and which is at hand, with seconds since the start or
// the change before.
//
//     npm run bench bench/towers-killed.ts [--items 1000000]
//
// Models as in spine.ts; the version that comes second has the same weights. The last line is JSON.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { EngineStatus } from '../src/app/index.ts'
import { HttpClient } from '../src/cli/http-client.ts'
import { Registry } from '../src/learning/registry/index.ts'
import { TWO_TOWER } from '../src/serving/inference/index.ts'
import { machineLine } from './spine/machine.ts'
import { addModels, platformFolder, scratchOf, sizeFrom } from './spine/platform.ts'
import { playsRole } from './spine/roles.ts'
import { startServer } from './spine/server.ts'

/** Between two looks, and the longest wait for what is to come. */
const LOOK_MS = 50
const LONGEST_MS = 300_000
/** New towers are on their way for so long when the power goes. */
const UNDER_WAY_MS = 3000

interface Seen {
  readonly step: string
  readonly seconds: number
  readonly inUse: string | undefined
  readonly atHand: string | undefined
}

if (!(await playsRole())) await bench(process.argv.slice(2))

async function bench(words: readonly string[]): Promise<void> {
  const data = await platformFolder(sizeFrom(words))
  console.log(`${data}; ${machineLine()}`)
  const scratch = scratchOf(data)
  const seen: Seen[] = []
  try {
    await addModels(scratch, data)
    const registry = new Registry(join(scratch, 'models'))
    const before = registry.live(TWO_TOWER) as string
    const after = registry.versions(TWO_TOWER).at(-1) as string
    /** Tells every change until this one is in use, and that one at hand. */
    const watch = async (step: string, client: HttpClient, inUse: string, atHand: string | undefined) => {
      const began = performance.now()
      for (let last = ''; performance.now() - began < LONGEST_MS; await wait(LOOK_MS)) {
        const { models, kept } = JSON.parse((await client.send('GET', '/v1/status')).text) as EngineStatus
        const one = { inUse: models[TWO_TOWER], atHand: kept?.[TWO_TOWER] }
        const seconds = (performance.now() - began) / 1000
        if (JSON.stringify(one) !== last) seen.push({ step, seconds, ...one })
        if (JSON.stringify(one) !== last)
          console.log(
            `${step}: after ${seconds.toFixed(1)} s ${one.inUse ?? 'none'} in use, ${one.atHand ?? 'none'} at hand`,
          )
        last = JSON.stringify(one)
        if (one.inUse === inUse && one.atHand === atHand) return
      }
      throw new Error(`${step}: ${inUse} never was in use with ${atHand} at hand`)
    }
    const serving = async (work: (client: HttpClient) => Promise<void>) => {
      const server = await startServer(scratch)
      const client = new HttpClient({ url: server.url, connections: 2 })
      try {
        await work(client)
      } finally {
        await client.close()
        await server.kill()
      }
    }
    await serving(async (client) => {
      await watch('started', client, before, undefined)
      await registry.promote(TWO_TOWER, after)
      await wait(UNDER_WAY_MS)
    })
    await serving(async (client) => {
      await watch('killed while new ones come, started', client, after, before)
      await registry.rollback(TWO_TOWER)
      await watch('taken back', client, before, after)
    })
    await serving((client) => watch('killed, started', client, before, after))
    console.log(JSON.stringify({ bench: 'towers-killed', seen }))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
