// What happens under load, with no request failing: slates and events flow at a steady rate while probes measure how
// long until (a) a new item is found by search, (b) a new item is in the index of sources that know items by content, and in that of the
// two towers, (c) a click is seen by the next slate, (e) an item that is deleted or hidden is on no slate any more, (f) a rollback of a
// vector index serves (from 20,000 items on), and while (d) the live version of every ranker goes back and forth, and so does that of the two
// towers, each as soon as the one before serves: every item is encoded anew, from 20,000 on an index is built aside and swapped in;
// and then back again, to the version that is kept at hand, and forth.
//
//     npm run bench bench/under-load.ts [--rate 50] [--events 500] [--seconds 30] [--items 20000] [--swap towers]
//
// --swap index has the index of the towers go back to the one before and forth, in place of the towers (20,000 items or more).
// Models as in spine.ts; the version that comes second has the same weights.
// Prints a table, writes bench/out/under-load.json. Exit code 1 when a request failed,
// or an item was shown after it was gone.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Table from 'cli-table3'
import type { EngineStatus } from '../src/app/index.ts'
import { HttpClient } from '../src/cli/http-client.ts'
import { Tally } from '../src/cli/load/tally.ts'
import { worldTraffic } from '../src/cli/load/world-traffic.ts'
import type { Slate } from '../src/domain/index.ts'
import { Registry } from '../src/learning/registry/index.ts'
import { TWO_TOWER } from '../src/serving/inference/index.ts'
import { ASKED_MAX } from '../src/serving/inference/search-eligible.ts'
import { Gone } from './spine/gone.ts'
import { IndexSwaps } from './spine/index-swaps.ts'
import { benchLoad } from './spine/load.ts'
import { machine, machineLine } from './spine/machine.ts'
import { addModels, numberAfter, platformFolder, scratchOf, sizeFrom, worldOf } from './spine/platform.ts'
import { playsRole } from './spine/roles.ts'
import { startServer } from './spine/server.ts'

/** Time between two probes of a kind, and between two swaps. */
const PROBE_MS = 200
const SWAP_MS = 2500
/** Between two items that are taken away: each is looked for in five ways at once. */
const GONE_MS = 500
/** Between two looks whether towers are back. */
const LOOK_MS = 20
/** A probe that is not answered by then is lost. */
const LOST_MS = 5000
/** New towers serve by then, or are lost: a million items are encoded and indexed beside the load. */
const TOWERS_MS = 300_000

if (!(await playsRole())) await bench(process.argv.slice(2))

async function bench(words: readonly string[]): Promise<void> {
  const rate = numberAfter(words, '--rate') ?? 50
  const eventsRate = numberAfter(words, '--events') ?? 500
  const seconds = numberAfter(words, '--seconds') ?? 30
  const data = await platformFolder(sizeFrom([...words, '--items', '20000']))
  console.log(`${data}: ${rate} slates/s, ${eventsRate} events/s for ${seconds} s; ${machineLine()}`)
  const scratch = scratchOf(data)
  await addModels(scratch, data)
  const indexSwaps = words[words.indexOf('--swap') + 1] === 'index' ? new IndexSwaps(scratch) : undefined
  const server = await startServer(scratch)
  const client = new HttpClient({ url: server.url, connections: 16 })
  const run = Date.now().toString(36)
  /** A slate for one item alone has the towers look at so many at most: of more, the item may not be among them. */
  const allLookedAt = server.held.items < ASKED_MAX
  if (!allLookedAt) console.log(`new item to two towers: not asked beyond ${ASKED_MAX} items`)
  const probes = {
    'new item to search': new Tally(),
    'new item to similar': new Tally(),
    'new item to two towers': new Tally(),
    'click to slate': new Tally(),
    'new towers to serving': new Tally(),
    'towers back': new Tally(),
    acknowledged: new Tally(),
  }
  let lost = 0
  let promotions = 0
  try {
    const over = new AbortController()
    const until = async (sent: number, tally: Tally, shown: () => Promise<boolean>) => {
      while (!(await shown())) {
        if (performance.now() - sent > LOST_MS) return void lost++
      }
      tally.answer(performance.now() - sent)
    }
    const ask = async (wish: object) => {
      const { text, code } = await client.post('/v1/slates', wish)
      if (code !== undefined) throw new Error(`a probe failed: ${code}`)
      return (JSON.parse(text) as Slate).items
    }
    const newItems = async (n: number) => {
      const id = `probe-${run}-${n}`
      const word = `zq${run}x${n}`
      const known = (await ask({ surface: 'home', limit: 1 }))[0]
      const item = { id, title: `${word} ${word}`, categories: [word], tags: [word], creator: known?.creator ?? 'c0' }
      const twin = { ...item, id: `${id}-twin`, title: `${word} twin` }
      const sent = performance.now()
      await client.send('PUT', '/v1/items', { items: [item, twin] })
      await Promise.all([
        until(sent, probes['new item to search'], async () =>
          (await ask({ surface: 'search', query: word })).some((one) => one.item === id),
        ),
        until(sent, probes['new item to similar'], async () =>
          (await client.send('GET', `/v1/items/${id}/similar?limit=5`)).text.includes(twin.id),
        ),
        allLookedAt &&
          until(sent, probes['new item to two towers'], async () => {
            const wish = { surface: 'home', limit: 2, filter: { field: 'category', is: word } }
            const found = (await ask(wish)).some(({ item, sources }) => item === id && sources.includes(TWO_TOWER))
            if (!found) await wait(LOOK_MS) // it looks through all items
            return found
          }),
      ])
    }
    const clicks = async (n: number) => {
      const user = `probe-user-${run}-${n}`
      const item = (await ask({ surface: 'home', user, limit: 10 }))[0]?.item
      const sent = performance.now()
      await client.post('/v1/events', { events: [{ id: `${user}-e`, kind: 'click', user, item, at: Date.now() }] })
      probes.acknowledged.answer(performance.now() - sent)
      await until(
        sent,
        probes['click to slate'],
        async () => !(await ask({ surface: 'home', user, limit: 10 })).some((one) => one.item === item),
      )
    }
    const registry = new Registry(join(scratch, 'models'))
    const pairs = registry.names().flatMap((name) => {
      const sound = registry.list(name).filter(({ manifest }) => manifest?.gates.every(({ pass }) => pass))
      return sound.length >= 2 ? [{ name, versions: sound.slice(-2).map(({ version }) => version) }] : []
    })
    const towers = indexSwaps ? undefined : pairs.find(({ name }) => name === TWO_TOWER)
    const statusNow = async () => JSON.parse((await client.send('GET', '/v1/status')).text) as EngineStatus
    /** One that is still on its way when the load ends is not counted. */
    const swapTowers = async (n: number) => {
      const version = towers?.versions[(n + 1) % 2]
      if (version === undefined) return
      const back = (await statusNow()).kept?.[TWO_TOWER] === version
      const sent = performance.now()
      await registry.promote(TWO_TOWER, version)
      promotions++
      while (!over.signal.aborted) {
        if ((await statusNow()).models?.[TWO_TOWER] === version)
          return probes[back ? 'towers back' : 'new towers to serving'].answer(performance.now() - sent)
        if (performance.now() - sent > TOWERS_MS) return void lost++
        await wait(back ? LOOK_MS : PROBE_MS)
      }
    }
    const swap = async (n: number) => {
      for (const { name, versions } of pairs) {
        if (name === TWO_TOWER) continue
        await registry.promote(name, versions[n % 2] as string)
        promotions++
      }
    }
    const each = async (ms: number, work: (n: number) => Promise<void>) => {
      for (let n = 0; !over.signal.aborted; n++) {
        await work(n)
        await wait(ms)
      }
    }
    const gone = new Gone(client, run)
    const traffic = worldTraffic(worldOf(data), 'under load', run)
    const flows = Promise.all([
      each(PROBE_MS, newItems),
      each(PROBE_MS, clicks),
      each(GONE_MS, (n) => gone.probe(n)),
      each(SWAP_MS, swap),
      each(SWAP_MS, (n) => indexSwaps?.probe(client) ?? swapTowers(n)),
    ])
    const report = await benchLoad({ url: server.url, traffic, rate, eventsRate, seconds, seed: 'under load' })
    over.abort()
    await flows
    const table = new Table({ style: { head: [], border: [] }, head: ['what', 'times', 'p50 ms', 'p99 ms', 'max ms'] })
    const tallies = {
      ...probes,
      'deletion acknowledged': gone.acknowledged.deleted,
      'deletion to last answer with it': gone.lastSeen.deleted,
      'hiding acknowledged': gone.acknowledged.hidden,
      'hiding to last answer with it': gone.lastSeen.hidden,
      ...(indexSwaps && { 'index rolled back': indexSwaps.tally.back, 'index swapped': indexSwaps.tally.forth }),
    }
    const { looks, violations, namedBy } = gone
    const figures = Object.fromEntries(Object.entries(tallies).map(([name, tally]) => [name, tally.report()]))
    for (const [name, { answered, latencyMs }] of Object.entries({ ...figures, 'slate under load': report.slates })) {
      table.push([name, answered, ...[latencyMs.p50, latencyMs.p99, latencyMs.max].map((ms) => ms.toFixed(1))])
    }
    console.log(table.toString())
    const failed = report.slates.failed + report.events.failed
    const swapped =
      pairs.length > 0 ? `${promotions} promotions of models` : 'no model has two sound versions: nothing was promoted'
    console.log(
      `${report.slates.sent} slates and ${report.events.sent} event requests, ${failed} failed; ${lost} probes lost; ${swapped}`,
    )
    console.log(
      `items named before by ${JSON.stringify(namedBy)}; ${looks} answers asked for after they were gone, ${violations} with one; ${indexSwaps?.lost ?? 0} swaps of the index lost`,
    )
    mkdirSync('bench/out', { recursive: true })
    writeFileSync(
      'bench/out/under-load.json',
      JSON.stringify(
        {
          machine: machine(),
          report,
          figures,
          lost,
          promotions,
          looks,
          violations,
          namedBy,
          swapsLost: indexSwaps?.lost ?? 0,
        },
        undefined,
        2,
      ),
    )
    if (failed + lost + violations + (indexSwaps?.lost ?? 0) > 0) process.exitCode = 1
  } finally {
    await client.close()
    await server.stop()
    rmSync(scratch, { recursive: true, force: true })
  }
}
