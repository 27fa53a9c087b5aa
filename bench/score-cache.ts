// What keeping scores spares: npm run bench bench/score-cache.ts [--items 20000] [--requests 600] [--rate 200] [--models]
// The same slates by the published mix of surfaces (80 : 200 : 40), with and without kept scores in turn, for several shares
// of viewers nobody knows. Prints the share of slates served from kept scores and the processor time of a slate; writes
// bench/out/score-cache.json. Time goes by the rate alone, slates a second.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import Table from 'cli-table3'
import { createParts } from '../src/app/parts.ts'
import { openReader } from '../src/app/ingest/journal.ts'
import { LiveModels } from '../src/app/learn/live.ts'
import { hydrate } from '../src/app/serve/hydrate.ts'
import { worldTraffic } from '../src/cli/load/world-traffic.ts'
import { completeConfig, type SlateRequest } from '../src/domain/index.ts'
import { Deadline, manualClock, Random } from '../src/foundation/base/index.ts'
import { addModels, numberAfter, platformFolder, scratchOf, sizeFrom, worldOf } from './spine/platform.ts'
import { machineLine } from './spine/machine.ts'
import { playsRole } from './spine/roles.ts'

const STRANGERS = [0, 0.2, 0.5, 0.8]
const COUNTRIES = ['DE', 'FR', 'US', 'BR', 'IN']
/** As many requests before the clock is read. */
const WARM_UP = 100
/** All the time in the world: cost is asked for, not the ladder. */
const stages = { retrievalMs: 9000, coarseMs: 9000, featuresMs: 9000, fineMs: 9000, rerankMs: 9000, marginMs: 0 }
const budgets = { profile: 'unhurried', profiles: { unhurried: { budgetMs: 50_000, ...stages } } }
const surfaces = Object.fromEntries(['home', 'next', 'search'].map((name) => [name, { budgetMs: 50_000 }]))

if (!(await playsRole())) await bench(process.argv.slice(2))

async function bench(words: readonly string[]): Promise<void> {
  const requests = numberAfter(words, '--requests') ?? 600
  const rate = numberAfter(words, '--rate') ?? 200
  const folder = await platformFolder(sizeFrom([...words, '--items', '20000']))
  const data = scratchOf(folder)
  try {
    if (words.includes('--models')) await addModels(data, folder)
    const world = worldOf(data)
    const sides = { off: await platform(data, 0, rate), on: await platform(data, 256, rate) }
    const table = new Table({ head: ['strangers', 'from kept scores', 'CPU ms a slate, without', 'with', 'ratio'] })
    const rows = []
    for (const strangers of STRANGERS) {
      const wishes = wishesOf(world, strangers, requests + WARM_UP)
      const off = await sides.off(wishes)
      const on = await sides.on(wishes)
      const row = { strangers, hits: on.hits, without: off.cpuMs, with: on.cpuMs, ratio: on.cpuMs / off.cpuMs }
      rows.push(row)
      const percent = (share: number) => `${(100 * share).toFixed(0)} %`
      table.push([
        percent(strangers),
        percent(row.hits),
        off.cpuMs.toFixed(2),
        on.cpuMs.toFixed(2),
        row.ratio.toFixed(2),
      ])
    }
    console.log(
      `${requests} slates, ${rate} a second, ${words.includes('--models') ? 'trained' : 'hand-set'} rankers; ${machineLine()}`,
    )
    console.log(table.toString())
    mkdirSync('bench/out', { recursive: true })
    writeFileSync('bench/out/score-cache.json', JSON.stringify(rows, undefined, 2))
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

/** A platform of its own with so many sets kept; what it gives makes slates and says what they cost. */
async function platform(data: string, entries: number, rate: number) {
  const clock = manualClock(worldOf(data).end ?? Date.now())
  const parts = createParts(completeConfig({ budgets, surfaces, ranking: { scoreCache: { entries } } }), clock)
  for (const entry of (await openReader(data)).replay()) parts.state.apply(entry)
  parts.build()
  await new LiveModels(`${data}/models`, parts.models).look()
  for (const retriever of parts.retrievers) await retriever.settled()
  let turn = 0
  return async (wishes: readonly SlateRequest[]) => {
    let hits = 0
    let used = process.cpuUsage()
    for (const [i, wish] of wishes.entries()) {
      if (i === WARM_UP) {
        hits = 0
        used = process.cpuUsage()
      }
      clock.advance(1000 / rate)
      const query = { ...hydrate(parts, wish, turn++), deadline: new Deadline(manualClock(), 50_000) }
      if ((await parts.pipeline.run(query)).kept) hits++
    }
    const { user, system } = process.cpuUsage(used)
    const counted = wishes.length - WARM_UP
    return { hits: hits / counted, cpuMs: (user + system) / 1000 / counted }
  }
}

function wishesOf(world: ReturnType<typeof worldOf>, strangers: number, count: number): SlateRequest[] {
  const traffic = worldTraffic(world, `strangers ${strangers}`, 'bench')
  const random = new Random(`strangers ${strangers}`)
  return Array.from({ length: count }, () => {
    const draw = random.int(320)
    const { user, ...nameless } = traffic.request(draw < 80 ? 'home' : draw < 280 ? 'next' : 'search')
    if (!random.chance(strangers)) return { ...nameless, ...(user !== undefined && { user }) }
    return { ...nameless, context: { country: random.pick(COUNTRIES) } }
  })
}
