/**
 * What online training is worth on a world whose tastes drift, and what it costs: a ranker is trained on the first part of
 * the history; the rest streams by, and each request is judged by the frozen model and by the one that learns on, before
 * it learns from it. Prints log loss and AUC of clicks by day, for all items and for those that came later, and writes
 * bench/out/online-training.json.
 *
 *     node scripts/run.js bench/online-training.ts [recipe] [dense scale] [table scale]
 *
 * USERS, ITEMS, EVENTS, DAYS set the world, PART the share of it that is trained on, WINDOW (seconds) how long an outcome
 * may follow, EVERY (seconds of the world) how often an update is offered.
 */
import fs from 'node:fs'
import { DAY } from '../src/foundation/base/index.ts'
import { completeConfig, Kinds } from '../src/domain/index.ts'
import { State } from '../src/stream/catalog/index.ts'
import { Features } from '../src/stream/features/index.ts'
import { LiveSamples, samplesOf } from '../src/stream/samples/index.ts'
import { auc } from '../src/judging/metrics/index.ts'
import { createWorld } from '../src/world/index.ts'
import { factsOf, RankingScorer } from '../src/learning/models/index.ts'
import { encodeDense, restoreDense, snapshotCopy } from '../src/learning/embeddings/index.ts'
import { OnlineRanker, type RecipeName, trainRanker } from '../src/learning/training/index.ts'
import { entriesOf } from '../src/learning/training/testing/world-samples.ts'

const [recipe = 'bst-isolated', denseScale = '0.1', tableScale = '1'] = process.argv.slice(2)
const size = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise)
const users = size('USERS', 1000)
const days = size('DAYS', 28)
const sizes = { users, items: size('ITEMS', 1500), days, events: size('EVENTS', users * 200), seed: 'online' }
const windowMs = 1000 * size('WINDOW', 600)
const everyMs = 1000 * size('EVERY', 3600)
const cpu = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

const config = completeConfig()
const surfaces = Object.keys(config.surfaces)
const world = createWorld(sizes)
const entries = [...entriesOf(world)]
const border = world.end - days * DAY * (1 - size('PART', 0.6))
const cut = entries.findIndex((entry) => (entry.type === 'event' ? entry.event.at : entry.at) >= border)
const groundOf = () => {
  const state = new State(new Kinds())
  return { state, features: new Features(state, config.ranking, surfaces) }
}

const before = groundOf()
const past = entries.slice(0, cut)
const { dataset } = samplesOf(() => past, before, { surfaces })
const facts = factsOf(before.state, before.features.vectors)
const run = await trainRanker({
  recipe: recipe as RecipeName,
  samples: dataset,
  facts,
  config: { epochs: 2, patience: 1, test: 0.02, validation: 0.08 },
  expectations: { emptyDaysMax: days },
})
console.log(
  `${recipe}: trained on ${run.examples} examples of ${Math.round(days * size('PART', 0.6))} days in ${Math.round(run.seconds)} s; ${entries.length - cut} entries follow`,
)

const { state, features } = groundOf()
for (const entry of past) state.apply(entry)
const known = new Set(Array.from({ length: state.items.size }, (_, row) => row))
const liveFacts = factsOf(state, features.vectors)
const saved = encodeDense(run.learned.dense)
const { manifest } = run.artifact
const online = await OnlineRanker.open(
  'base',
  manifest,
  { config: run.config, tables: run.learned.tables, restore: (dense) => restoreDense(dense, saved) },
  liveFacts,
  { denseScale: Number(denseScale), tableScale: Number(tableScale) },
)
const frozen = await RankingScorer.open(copyOf(run.artifact), liveFacts)
const serving = await RankingScorer.open(copyOf(run.artifact), liveFacts)
const live = new LiveSamples({ state, features }, { surfaces, attributionMs: windowMs, returnMs: 0 })

function copyOf(artifact: typeof run.artifact): typeof run.artifact {
  const tables = Object.fromEntries(Object.entries(artifact.tables).map(([name, table]) => [name, snapshotCopy(table)]))
  return { ...artifact, tables }
}

/** Log loss and AUC of clicks, kept as pairs. */
class Judged {
  readonly p: number[] = []
  readonly y: number[] = []
  add(p: number, y: number): void {
    this.p.push(p)
    this.y.push(y)
  }
  get loss(): number {
    let sum = 0
    for (const [i, p] of this.p.entries())
      sum -= this.y[i] === 1 ? Math.log(Math.max(1e-7, p)) : Math.log1p(-Math.min(1 - 1e-7, p))
    return sum / this.p.length
  }
  get auc(): number {
    return auc(this.y, this.p) ?? Number.NaN
  }
}
const kinds = ['all', 'new'] as const
const figures = new Map<number, Record<string, Judged>>()
const judge = (day: number, name: string, p: number, y: number) => {
  const own = figures.get(day) ?? {}
  figures.set(day, own)
  own[name] ??= new Judged()
  own[name].add(p, y)
}

const tally = { update: 0, refused: 0, waiting: 0 }
let spent = 0
let offeredAt = border
let bytes = 0
for (const [i, entry] of entries.slice(cut).entries()) {
  live.take(entry)
  if (i % 200 > 0) continue
  const due = live.due()
  if (!due) continue
  for (const { user, at, surface, history, items, features: values, labels, known: bits } of due) {
    const request = { user, at, surface, history, candidates: items, features: values }
    const pairs = [
      ['frozen', await frozen.score(request)],
      ['online', await serving.score(request)],
    ] as const
    const day = Math.floor((at - border) / DAY)
    for (const [name, scores] of pairs)
      for (const [k, item] of items.entries()) {
        if (((bits[k] as number) & 1) === 0) continue
        const [p, y] = [
          scores[k * manifest.spec.heads.length] as number,
          labels[k * manifest.spec.heads.length] as number,
        ]
        for (const d of [day, -1]) {
          judge(d, `${name} all`, p, y)
          if (!known.has(item)) judge(d, `${name} new`, p, y)
        }
      }
  }
  const began = cpu()
  await online.take(due)
  const at = due.at(due.requests - 1)
  if (at - offeredAt >= everyMs) {
    offeredAt = at
    const offer = await online.offer(at)
    tally[offer.kind]++
    if (offer.kind === 'refused') console.log(`  refused: ${offer.why}`)
    if (offer.kind === 'update') {
      bytes = offer.update.weights.byteLength + Object.values(offer.update.deltas).reduce((n, d) => n + d.byteLength, 0)
      await serving.update(offer.update)
    }
  }
  spent += cpu() - began
}

const rows: object[] = []
const line = (judged: Record<string, Judged>, day: number) => {
  const row: Record<string, number> = { day }
  for (const kind of kinds)
    for (const name of ['frozen', 'online']) {
      const own = judged[`${name} ${kind}`]
      if (own)
        Object.assign(row, {
          [`${name} ${kind} loss`]: own.loss,
          [`${name} ${kind} auc`]: own.auc,
          [`${kind} n`]: own.p.length,
        })
    }
  rows.push(row)
  const say = (kind: string) =>
    judged[`frozen ${kind}`]
      ? `${kind} (${row[`${kind} n`]}): loss ${row[`frozen ${kind} loss`]?.toFixed(4)} -> ${row[`online ${kind} loss`]?.toFixed(4)} AUC ${row[`frozen ${kind} auc`]?.toFixed(4)} -> ${row[`online ${kind} auc`]?.toFixed(4)}`
      : ''
  console.log(`${day < 0 ? 'together' : `day ${day}`}  ${kinds.map(say).join('  ')}`)
}
console.log('frozen -> online')
for (const day of [...figures.keys()].filter((d) => d >= 0).sort((a, b) => a - b)) line(figures.get(day) ?? {}, day)
line(figures.get(-1) ?? {}, -1)
console.log(
  `offers: ${tally.update} taken, ${tally.refused} refused, ${tally.waiting} waited; last update ${(bytes / 1e6).toFixed(2)} MB; ` +
    `learning ${online.examples} examples: ${spent.toFixed(1)} s of CPU, ${Math.round(online.examples / spent)}/s`,
)
for (const one of [online, frozen, serving]) await one.close()
fs.mkdirSync('bench/out', { recursive: true })
fs.writeFileSync(
  'bench/out/online-training.json',
  `${JSON.stringify({ sizes, windowMs, everyMs, recipe, denseScale, tableScale, tally, bytes, spent, examples: online.examples, rows }, null, 2)}\n`,
)
