/**
 * What it is worth to have the two towers learn from the stream: towers are trained on the first part of a world whose
 * tastes drift and whose items keep coming; the rest streams by in portions, and each consumption is judged by the
 * frozen towers and by those that learn on, before they learn from it, among all items that are out, but those the
 * viewer has consumed. Prints recall@100 and NDCG@10 with what they are above the frozen ones (95 %, users as
 * clusters), for all items and for those that came out after the training, and writes bench/out/online-towers.json.
 *
 *     node scripts/run.js bench/online-towers.ts [variants] [seeds]
 *
 * A variant is `kind:scale:steps`, see bench/online-towers/learner.ts. `anew` trains everything again, on all that has
 * come, every ANEW days. USERS, ITEMS, EVENTS, DAYS set the world, PART the share of the days that is trained on,
 * PORTION the consumptions between two updates.
 */
import fs from 'node:fs'
import { DAY } from '../src/foundation/base/index.ts'
import type { Estimate } from '../src/judging/metrics/index.ts'
import { TwoTowerEncoder } from '../src/learning/models/index.ts'
import { ranksByTowers, trainTwoTower, worthAt } from '../src/learning/training/index.ts'
import { OnlineTowers, variantOf } from './online-towers/learner.ts'
import { overUsers } from './online-towers/over-users.ts'
import { type Stream, streamOf } from './online-towers/stream.ts'

const [asked = 'positives:0.3,positives:1,candidates:0.3,candidates:1', seeds = '1,2'] = process.argv.slice(2)
const size = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise)
const users = size('USERS', 1500)
const days = size('DAYS', 28)
const sizes = { users, items: size('ITEMS', 3000), days, events: size('EVENTS', users * 200) }
const part = size('PART', 0.6)
const portion = size('PORTION', 64)
const anewDays = size('ANEW', 1)
/** The latest share of what is trained on says which epoch is the best. */
const VALIDATION = 0.05

const names = asked.split(',')
const cpu = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Trained on all that came before a moment. */
async function trained(stream: Stream, until: number, seed: string) {
  const requests = Uint32Array.from([...stream.before, ...stream.after]).filter(
    (number) => stream.samples.at(number) < until,
  )
  const from = Math.floor(requests.length * (1 - VALIDATION))
  const none = new Uint32Array(0)
  const rows = Uint32Array.from({ length: stream.out(until) }, (_, row) => row)
  return trainTwoTower({
    ...{ samples: stream.samples, facts: stream.facts, catalogue: rows, pool: rows },
    split: { train: requests.subarray(0, from), validation: none, test: none },
    cases: { validation: stream.cases(requests.subarray(from)), test: stream.cases(requests.subarray(-100)) },
    expectations: { emptyDaysMax: days, duplicatesMax: 1, positivesOnly: true },
    config: { epochs: 10, patience: 2, seed },
  })
}

async function encoderOf(run: Awaited<ReturnType<typeof trained>>, { facts }: Stream): Promise<TwoTowerEncoder> {
  const { spec, network } = run.artifact.manifest
  const { layout, dense, tables } = run.learned
  return TwoTowerEncoder.over(spec, network, { layout, weights: dense.weights }, tables, facts)
}

interface Judged {
  readonly item: number
  readonly user: number
  /** Consumptions of the item on the stream before this one. */
  readonly met: number
  readonly ranks: Readonly<Record<string, number>>
}

async function streamed(seed: string) {
  const stream = streamOf({ ...sizes, seed: `towers ${seed}` }, part)
  const began = cpu()
  const base = await trained(stream, stream.border, seed)
  console.log(
    `seed ${seed}: trained on ${base.counts.reduce((a, b) => a + b, 0)} consumptions of ${Math.round(days * part)} days, epoch ${base.bestEpoch}, ` +
      `${Math.round(cpu() - began)} s of CPU; ${stream.after.length} follow; items ${stream.out(stream.border)}, at the end ${stream.out(Number.POSITIVE_INFINITY)}`,
  )
  const frozen = await encoderOf(base, stream)
  const learning: OnlineTowers[] = []
  for (const name of names)
    if (name !== 'anew')
      learning.push(
        await OnlineTowers.open(variantOf(name), stream, base.artifact.manifest.spec, base.config, base.learned),
      )
  let anew = names.includes('anew') ? await encoderOf(base, stream) : undefined
  let anewAt = stream.border
  const judged: Judged[] = []
  const met = new Map<number, number>()
  const past = stream.before.length
  const all = Uint32Array.from([...stream.before, ...stream.after])
  for (let from = past; from < all.length; from += portion) {
    const numbers = all.subarray(from, from + portion)
    const at = stream.samples.at(numbers.at(-1) as number)
    if (anew && at - anewAt >= anewDays * DAY) {
      anewAt += anewDays * DAY
      await anew.close()
      anew = await encoderOf(await trained(stream, anewAt, seed), stream)
    }
    const outNow = stream.out(at)
    const catalogue = Uint32Array.from({ length: outNow }, (_, row) => row)
    const cases = stream.cases(numbers)
    const ranks: Record<string, Uint32Array> = { frozen: await ranksByTowers(frozen, cases, catalogue) }
    for (const { variant, encoder } of learning) ranks[variant.name] = await ranksByTowers(encoder, cases, catalogue)
    if (anew) ranks['anew'] = await ranksByTowers(anew, cases, catalogue)
    for (const [i, item] of cases.wanted.entries()) {
      const own = Object.fromEntries(Object.entries(ranks).map(([name, list]) => [name, list[i] as number]))
      judged.push({ item, user: cases.users[i] as number, met: met.get(item) ?? 0, ranks: own })
    }
    for (const item of cases.wanted) met.set(item, (met.get(item) ?? 0) + 1)
    for (const one of learning) await one.learn(numbers, all.subarray(0, from + numbers.length), outNow)
  }
  await Promise.all([frozen.close(), anew?.close(), ...learning.map((one) => one.close())])
  const newFrom = stream.out(stream.border)
  const costs = learning.map(
    ({ variant, spent }) => `${variant.name} ${((1000 * spent) / stream.after.length).toFixed(2)}`,
  )
  if (costs.length > 0) console.log(`  processor milliseconds a consumption: ${costs.join(', ')}`)
  return { seed, groups: groupsOf(judged, newFrom).map(([name, of]) => ({ name, ...figuresOf(name, of) })) }
}

const groupsOf = (judged: readonly Judged[], newFrom: number): [string, Judged[]][] => [
  ['all', [...judged]],
  ['came before', judged.filter(({ item }) => item < newFrom)],
  ['came later', judged.filter(({ item }) => item >= newFrom)],
  ['came later, consumed < 3 times', judged.filter(({ item, met }) => item >= newFrom && met < 3)],
  ['came later, consumed 10 times', judged.filter(({ item, met }) => item >= newFrom && met >= 10)],
]

const worths = { 'recall@100': (rank: number) => (rank <= 100 ? 1 : 0), 'NDCG@10': worthAt(10) }

function figuresOf(name: string, judged: readonly Judged[]) {
  const rows = ['frozen', ...names].map((variant) => {
    const figures = Object.entries(worths).map(([metric, worth]) => {
      const own = overUsers(judged, ({ ranks }) => worth(ranks[variant] as number))
      const above = overUsers(judged, ({ ranks }) => worth(ranks[variant] as number) - worth(ranks['frozen'] as number))
      return [metric, { value: own?.value, above }] as const
    })
    const say = figures.map(([metric, { value, above }]) => `${metric} ${value?.toFixed(4)} ${saying(above)}`)
    console.log(`  ${name} (${judged.length}) ${variant.padEnd(20)} ${say.join('   ')}`)
    return { variant, ...Object.fromEntries(figures) }
  })
  return { cases: judged.length, rows }
}

const saying = (above: Estimate | null): string =>
  above?.low == null
    ? ''
    : `(${above.value.toFixed(4)} +- ${(above.value - above.low).toFixed(4)}${above.low > 0 ? ' better' : (above.high ?? 0) < 0 ? ' worse' : ''})`

const runs: object[] = []
for (const seed of seeds.split(',')) {
  runs.push(await streamed(seed))
  fs.mkdirSync('bench/out', { recursive: true })
  fs.writeFileSync('bench/out/online-towers.json', `${JSON.stringify({ sizes, part, portion, runs }, null, 2)}\n`)
}
