// kill -9 under load: events are sent at a steady rate in batches while slates are asked for; the server is killed at a
// random moment and started again. Says for each round how many events were acknowledged and how many of them are in
// the journal afterwards (all must be), how often any is in it (once), and how long until it answered again. Works on a copy.
//
//     npm run bench bench/kill.ts [--rounds 3] [--events 2000] [--rate 50] [--items 20000]
//
// Writes bench/out/kill.json. Exit code 1 when an acknowledged event is missing or is there twice.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { HttpClient } from '../src/cli/http-client.ts'
import { remotePlatform } from '../src/cli/remote.ts'
import { Random } from '../src/foundation/base/index.ts'
import { machineLine } from './spine/machine.ts'
import { numberAfter, platformFolder, scratchOf, sizeFrom, worldOf } from './spine/platform.ts'
import { playsRole } from './spine/roles.ts'
import { startServer } from './spine/server.ts'

const BATCH = 50
/** A round is killed after at least and at most so long, milliseconds. */
const LIFE_MS = [1500, 5000] as const

interface Round {
  readonly acknowledged: number
  readonly missing: number
  readonly twice: number
  readonly openMs: number
}

if (!(await playsRole())) await bench(process.argv.slice(2))

async function bench(words: readonly string[]): Promise<void> {
  const rounds = numberAfter(words, '--rounds') ?? 3
  const eventsRate = numberAfter(words, '--events') ?? 2000
  const slatesRate = numberAfter(words, '--rate') ?? 50
  const source = await platformFolder(sizeFrom([...words, '--items', '20000']))
  const { users = 0, items = 0 } = worldOf(source)
  const copy = scratchOf(source)
  const random = new Random(Date.now())
  const acknowledged = new Set<string>()
  const told: Round[] = []
  try {
    let server = await startServer(copy)
    console.log(
      `${eventsRate} events/s, ${slatesRate} slates/s; first start ${(server.openMs / 1000).toFixed(1)} s; ${machineLine()}`,
    )
    for (let round = 0; round < rounds; round++) {
      const before = acknowledged.size
      const client = new HttpClient({ url: server.url, connections: 32 })
      let alive = true
      const eachSo = async (perSecond: number, send: (n: number) => Promise<void>) => {
        const under: Promise<void>[] = []
        for (let n = 0; alive; n++) {
          under.push(send(n))
          await wait(1000 / perSecond)
        }
        await Promise.all(under)
      }
      const idOf = (row: number, letter: string) => `${letter}${String(row).padStart(5, '0')}`
      const flows = [
        eachSo(eventsRate / BATCH, async (n) => {
          const events = Array.from({ length: BATCH }, (_, k) => ({
            id: `kill-${round}-${n}-${k}`,
            kind: 'click',
            user: idOf(random.int(users), 'u'),
            item: idOf(random.int(items), 'v'),
            at: Date.now(),
          }))
          const { code, text } = await client.post('/v1/events', { events })
          if (code === undefined && text.includes(`"accepted":${BATCH}`))
            for (const { id } of events) acknowledged.add(id)
        }),
        eachSo(slatesRate, async () => {
          await client.post('/v1/slates', { surface: 'home', user: idOf(random.int(users), 'u') })
        }),
      ]
      await wait(random.between(...LIFE_MS))
      await server.kill()
      alive = false
      await Promise.all(flows)
      await client.close()
      server = await startServer(copy)
      const { missing, twice } = await kept(server.url, acknowledged)
      told.push({ acknowledged: acknowledged.size - before, missing, twice, openMs: server.openMs })
      console.log(
        `round ${round + 1}: ${acknowledged.size - before} acknowledged, ${missing} missing, ${twice} twice, answers again after ${(server.openMs / 1000).toFixed(1)} s`,
      )
    }
    await server.stop()
    mkdirSync('bench/out', { recursive: true })
    writeFileSync('bench/out/kill.json', JSON.stringify({ eventsRate, slatesRate, rounds: told }, undefined, 2))
    if (told.some(({ missing, twice }) => missing + twice > 0)) process.exitCode = 1
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** Which of the acknowledged events the platform still has, by its own export. */
async function kept(url: string, acknowledged: ReadonlySet<string>): Promise<{ missing: number; twice: number }> {
  const seen = new Set<string>()
  let twice = 0
  for await (const events of remotePlatform({ url }).records('events')) {
    for (const { id } of events) {
      if (!acknowledged.has(id)) continue
      if (seen.has(id)) twice++
      seen.add(id)
    }
  }
  return { missing: acknowledged.size - seen.size, twice }
}
