// What a slate costs the processor, stage by stage, on one core with nothing else in the process: every source, the
// filters, coarse and fine rank, features, rerank, the account in the served log, JSON. Trained models do not take part
// unless --models plants those of bench/spine.ts: what is left is what they have to share the core with. `--flow 10` lets
// that many events be taken in before every slate. The digest of all slates tells whether a change of the code changed
// any of them.
//
//     npm run bench bench/stages.ts -- [--items 1000000] [--users 50000] [--requests 400] [--models] [--towers] [--flow 0] [--profile]
//
// The data folder is that of bench/spine.ts, made once. --profile writes bench/out/stages.cpuprofile. Compare two
// revisions by running both: the whole divided by the naive row of the same run is free of the machine's load.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Table from 'cli-table3'
import { openFolder } from '../src/app/open.ts'
import { hydrate } from '../src/app/serve/hydrate.ts'
import { present } from '../src/app/serve/present.ts'
import { recordOf } from '../src/app/serve/record.ts'
import { encodeRecord } from '../src/serving/served/index.ts'
import { worldTraffic } from '../src/cli/load/world-traffic.ts'
import { completeConfig, type SlateRequest } from '../src/domain/index.ts'
import { Deadline, Random, systemClock } from '../src/foundation/base/index.ts'
import { type Candidates, checkOf, type Outcome, type Query, type Retrieved } from '../src/serving/pipeline/index.ts'
import { passing, Removals } from '../src/serving/pipeline/checks.ts'
import { bootstrapFine } from '../src/serving/ranking/index.ts'
import { merge } from '../src/serving/pipeline/merge.ts'
import { machineLine } from './spine/machine.ts'
import { addModels, numberAfter, platformFolder, scratchOf, sizeFrom, worldOf } from './spine/platform.ts'
import { profileView } from './spine/profile-view.ts'
import { playsRole } from './spine/roles.ts'

/** Enough that no stage is cut short on a busy machine: slates would differ. */
const BUDGET_MS = 10_000
const unhurried = {
  ...{ budgetMs: 6 * BUDGET_MS, retrievalMs: BUDGET_MS, coarseMs: BUDGET_MS, featuresMs: BUDGET_MS },
  ...{ fineMs: BUDGET_MS, rerankMs: BUDGET_MS, marginMs: 0 },
}

if (!(await playsRole())) await bench(process.argv.slice(2))

/** Processor microseconds per call, over all of them. */
async function micros<T>(all: readonly T[], work: (one: T, i: number) => unknown): Promise<number> {
  const before = process.cpuUsage()
  for (const [i, one] of all.entries()) {
    const given = work(one, i)
    if (given instanceof Promise) await given
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / all.length
}

async function bench(words: readonly string[]): Promise<void> {
  const requests = numberAfter(words, '--requests') ?? 400
  const folder = await platformFolder(sizeFrom(words))
  const data = scratchOf(folder)
  if (words.includes('--models')) await addModels(data, folder, { towers: words.includes('--towers') })
  const slow = { budgetMs: unhurried.budgetMs }
  const config = completeConfig({
    budgets: { profile: 'unhurried', profiles: { unhurried } },
    surfaces: { home: slow, next: slow, search: slow },
  })
  const opened = await openFolder({ data, config }, () => undefined)
  const { parts, slates, served, ingest } = opened
  const { state } = parts
  const random = new Random('stages')
  const at = new Date((JSON.parse(readFileSync(join(data, 'world.json'), 'utf8')) as { end: number }).end).toISOString()

  const traffic = worldTraffic(worldOf(data), 'stages', 'bench')
  /** In the published mix of surfaces: home 80, next 200, search 40. */
  const wish = (i: number): SlateRequest => {
    const draw = random.int(320)
    const surface = draw < 80 ? 'home' : draw < 280 ? 'next' : 'search'
    return { ...traffic.request(surface), seed: `stage ${i}`, at }
  }
  const wishes = Array.from({ length: requests }, (_, i) => wish(i))
  const rows: { stage: string; micros: number; share: number }[] = []
  const timed = async <T>(stage: string, all: readonly T[], work: (one: T, i: number) => unknown) => {
    if (all.length === 0) return
    for (const one of all.slice(0, 100)) await work(one, 0)
    rows.push({ stage, micros: await micros(all, work), share: all.length / requests })
  }

  const flow = numberAfter(words, '--flow') ?? 0
  let sent = 0
  /** Events of viewers at random on items that are liked: few items take most. */
  const events = () =>
    Array.from({ length: flow }, () => ({
      ...{ id: `flow-${sent++}`, kind: 'click', at, user: state.users.ids.name(random.int(state.users.size)) },
      item: state.items.ids.name(Math.floor(state.items.size * random.next() ** 4)),
    }))
  const flowing = Array.from({ length: flow > 0 ? 4 * requests + 200 : 0 }, events)
  const turn = async (one: SlateRequest) => {
    if (flow > 0) await ingest.takeEvents(flowing.pop() ?? events(), { historical: true })
    return slates.make(one)
  }

  for (const one of wishes.slice(0, 200)) await turn(one)
  const digest = createHash('sha256')
  const rungs = new Map<string, number>()
  const whole = await micros(wishes, async (one) => {
    const { items, rung } = await turn(one)
    digest.update(JSON.stringify(items))
    rungs.set(rung, (rungs.get(rung) ?? 0) + 1)
  })
  const events200 = flow > 0 ? Array.from({ length: 200 }, events) : []
  const taken =
    flow > 0 ? (await micros(events200, (batch) => ingest.takeEvents(batch, { historical: true }))) / flow : 0
  if (words.includes('--profile'))
    await profiled(async () => {
      for (let round = 0; round < 3; round++) for (const one of wishes) await turn(one)
    })

  const queries = wishes.map((one, i) => hydrate(parts, one, i))
  await timed('hydrate', wishes, (one, i) => hydrate(parts, one, i))
  const lists = new Map<Query, (Retrieved | undefined)[]>(queries.map((query) => [query, []]))
  for (const [name, source] of Object.entries(parts.sources)) {
    const asked = queries.filter((query) => query.plan.sources[name])
    const ask = (query: Query) => source.retrieve(query, query.plan.sources[name]?.limit ?? 0, query.deadline)
    await timed(`source ${name}`, asked, ask)
    for (const query of asked) lists.get(query)?.push(await ask(query))
  }
  const namesOf = (query: Query) => Object.keys(parts.sources).filter((name) => query.plan.sources[name])
  const mergeOf = (query: Query) =>
    merge(
      namesOf(query),
      lists.get(query) ?? [],
      namesOf(query).map((name) => query.plan.sources[name]?.weight ?? 0),
    )
  await timed('merge', queries, mergeOf)
  const merged = queries.map(mergeOf)
  const filtered = (query: Query, i: number) =>
    passing(merged[i] as Candidates, checkOf(parts.filters, query), new Removals())
  await timed('filters', queries, filtered)

  const outcomes: Outcome[] = []
  for (const query of queries) outcomes.push(await parts.pipeline.run(fresh(query)))
  const sets = outcomes.map(({ ranked }) => ranked)
  const reader = parts.features
  const asks = queries.map(({ viewer, at, surface, device }) => ({
    ...{ user: viewer.row, at, surface, device, country: viewer.country, language: viewer.language },
  }))
  const out = new Float32Array(300 * reader.names.length)
  await timed(`features ${mean(sets.map(({ count }) => count))} x ${reader.names.length}`, queries, (_, i) =>
    reader.read(asks[i] as never, (sets[i] as Candidates).rows, out),
  )
  const scores = new Float32Array(300)
  const fine = bootstrapFine(config, reader.names)
  await timed('fine (bootstrap)', queries, (query, i) => fine.score(query, sets[i] as Candidates, scores))
  await timed('present', queries, (query, i) =>
    present({ ...parts, digestOf: () => '' }, query, outcomes[i] as Outcome),
  )
  const answers = queries.map((query, i) => present({ ...parts, digestOf: () => '' }, query, outcomes[i] as Outcome))
  const record = (query: Query, i: number) =>
    recordOf(
      { ...parts, featureDigest: reader.digest },
      wishes[i] as SlateRequest,
      query,
      outcomes[i] as Outcome,
      answers[i] as never,
    )
  await timed('served log: record', queries, record)
  const records = queries.map(record)
  await timed('served log: append', records, (one) => served?.append(encodeRecord(one), reader.names))
  await timed('JSON of the answer', answers, (one) => JSON.stringify(one))
  await timed('whole pipeline', queries, (query) => parts.pipeline.run(fresh(query)))
  const reports = new Map<string, number[]>()
  for (const { stages } of outcomes)
    for (const { stage, ms } of stages) reports.set(stage, [...(reports.get(stage) ?? []), ms])

  const catalogue = [...Array(Math.min(100_000, state.items.size)).keys()].map((row) => ({
    row,
    p: (row * 7919) % 99_991,
  }))
  const naive = await micros([1, 2, 3, 4, 5], () =>
    catalogue
      .filter(({ row }) => state.items.has(row))
      .sort((a, b) => b.p - a.p)
      .slice(0, 20),
  )

  const table = new Table({ head: ['stage', 'CPU µs', 'of requests', 'µs per slate'] })
  for (const { stage, micros, share } of rows)
    table.push([stage, micros.toFixed(0), `${(share * 100).toFixed(0)} %`, (micros * share).toFixed(0)])
  table.push(['whole slate, account included', whole.toFixed(0), '100 %', whole.toFixed(0)])
  if (flow > 0) table.push(['of it each event', taken.toFixed(0), `${flow} each`, (taken * flow).toFixed(0)])
  table.push(['naive: filter and sort 100 k objects', naive.toFixed(0), '', ''])
  console.log(table.toString())
  console.log('stages as the runner reports them, median ms by the clock:')
  for (const [stage, ms] of reports) console.log(`  ${stage}: ${ms.sort((a, b) => a - b)[Math.floor(ms.length / 2)]}`)
  // Not all on one rung: a stage failed or was short of time, and neither the digest nor the whole says anything.
  console.log(`rungs: ${[...rungs].map(([rung, count]) => `${rung} ${count}`).join(', ')}`)
  console.log(
    `slates ${digest.digest('hex').slice(0, 16)}; ${state.items.count} items; whole / naive ${(whole / naive).toFixed(4)}`,
  )
  console.log(machineLine())
  const profile = 'bench/out/stages.cpuprofile'
  if (words.includes('--profile')) console.log(profileView(profile, fileURLToPath(import.meta.url)))
  mkdirSync('bench/out', { recursive: true })
  writeFileSync('bench/out/stages.json', JSON.stringify({ rows, whole, naive, items: state.items.count }, null, 2))
  await opened.close()
  rmSync(data, { recursive: true, force: true })
  process.exit(0)
}

/** The same query with its time still before it. */
function fresh(query: Query): Query {
  return { ...query, deadline: new Deadline(systemClock, unhurried.budgetMs) }
}

function mean(values: readonly number[]): number {
  return Math.round(values.reduce((sum, value) => sum + value, 0) / values.length)
}

async function profiled(work: () => Promise<void>): Promise<void> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 200 })
  await session.post('Profiler.start')
  await work()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  mkdirSync('bench/out', { recursive: true })
  writeFileSync('bench/out/stages.cpuprofile', JSON.stringify(profile))
}
