/**
 * What online training is worth on a world whose tastes drift, and what it costs: a ranker is trained on the first part of
 * the history; the rest streams by, and each request is judged by the frozen model and by the one that learns on, before
 * it learns from it. Prints log loss and AUC of clicks by day, for all items and for those that came later, and writes
 * bench/out/online-training.json.
 *
 *     node scripts/run.js bench/online-training.ts [recipe] [scales]
 *
 * Scales are learning rates in parts of those in training, dense:table by comma: each is a model of its own that learns on.
 *
 * USERS, ITEMS, EVENTS, DAYS set the world, PART the share of it that is trained on, WINDOW (seconds) how long an outcome
 * may follow, EVERY (seconds of the world) how often an update is offered.
 */
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DAY } from '../src/foundation/base/index.ts'
import { completeConfig, Kinds } from '../src/domain/index.ts'
import { State } from '../src/stream/catalog/index.ts'
import { Features } from '../src/stream/features/index.ts'
import { LiveSamples, samplesOf } from '../src/stream/samples/index.ts'
import { auc } from '../src/judging/metrics/index.ts'
import { createWorld } from '../src/world/index.ts'
import { factsOf, RankingScorer } from '../src/learning/models/index.ts'
import { snapshotCopy } from '../src/learning/embeddings/index.ts'
import {
  OnlineRanker,
  readTrainable,
  type RecipeName,
  trainRanker,
  writeTrainable,
} from '../src/learning/training/index.ts'
import { entriesOf } from '../src/learning/training/testing/world-samples.ts'

const [recipe = 'bst-isolated', scales = '0.1:1,0.1:0.3,0.03:0.1'] = process.argv.slice(2)
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
const { manifest } = run.artifact
const folder = fs.mkdtempSync(join(tmpdir(), 'sluice-bench-online-'))
writeTrainable(run.config, run.learned, (file) => join(folder, file))
const variants = await Promise.all(
  scales.split(',').map(async (name) => {
    const [denseScale, tableScale] = name.split(':').map(Number) as [number, number]
    const path = (file: string) => (fs.existsSync(join(folder, file)) ? join(folder, file) : undefined)
    const trainable = readTrainable(recipe, manifest.spec, path)
    return {
      name,
      online: await OnlineRanker.open('base', manifest, trainable, liveFacts, { denseScale, tableScale }),
      serving: await RankingScorer.open(copyOf(run.artifact), liveFacts),
      tally: { update: 0, refused: 0, waiting: 0 },
      bytes: 0,
      spent: 0,
    }
  }),
)
const frozen = await RankingScorer.open(copyOf(run.artifact), liveFacts)
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

let offeredAt = border
for (const [i, entry] of entries.slice(cut).entries()) {
  live.take(entry)
  if (i % 200 > 0) continue
  const due = live.due()
  if (!due) continue
  for (const { user, at, surface, history, items, features: values, labels, known: bits } of due) {
    const request = { user, at, surface, history, candidates: items, features: values }
    const pairs: [string, Float32Array][] = [['frozen', await frozen.score(request)]]
    for (const { name, serving } of variants) pairs.push([name, await serving.score(request)])
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
  const at = due.at(due.requests - 1)
  const offering = at - offeredAt >= everyMs
  if (offering) offeredAt = at
  for (const one of variants) {
    const began = cpu()
    await one.online.take(due)
    const offer = offering ? await one.online.offer(at) : undefined
    if (offer) one.tally[offer.kind]++
    if (offer?.kind === 'refused') console.log(`  ${one.name} refused: ${offer.why}`)
    if (offer?.kind === 'update') {
      const { weights, deltas } = offer.update
      one.bytes = Object.values(deltas).reduce((n, d) => n + d.byteLength, weights.byteLength)
      await one.serving.update(offer.update)
    }
    one.spent += cpu() - began
  }
}

const rows: object[] = []
const names = ['frozen', ...variants.map(({ name }) => name)]
const line = (judged: Record<string, Judged>, day: number): void => {
  const row = {
    day,
    ...Object.fromEntries(Object.entries(judged).map(([key, { loss, auc, p }]) => [key, { loss, auc, n: p.length }])),
  }
  rows.push(row)
  const say = (kind: string) => {
    const own = names.map((name) => judged[`${name} ${kind}`]).filter((one) => one !== undefined)
    const figures = (pick: (one: Judged) => number) => own.map((one) => pick(one).toFixed(4)).join(' ')
    return `${kind} (${own[0]?.p.length ?? 0}): loss ${figures(({ loss }) => loss)} AUC ${figures(({ auc }) => auc)}`
  }
  console.log(`${day < 0 ? 'together' : `day ${day}`}  ${kinds.map(say).join('  ')}`)
}
console.log(names.join(' | '))
for (const day of [...figures.keys()].filter((d) => d >= 0).sort((a, b) => a - b)) line(figures.get(day) ?? {}, day)
line(figures.get(-1) ?? {}, -1)
for (const { name, tally, bytes, online, spent } of variants)
  console.log(
    `${name}: ${tally.update} updates, ${tally.refused} refused, ${tally.waiting} waited; the last one ${(bytes / 1e6).toFixed(2)} MB; ` +
      `${online.examples} examples in ${spent.toFixed(1)} s of CPU, ${Math.round(online.examples / spent)}/s`,
  )
for (const { online, serving } of variants) for (const one of [online, serving]) await one.close()
await frozen.close()
fs.rmSync(folder, { recursive: true })
fs.mkdirSync('bench/out', { recursive: true })
const costs = variants.map(({ name, tally, bytes, spent, online }) => ({
  name,
  tally,
  bytes,
  spent,
  examples: online.examples,
}))
fs.writeFileSync(
  'bench/out/online-training.json',
  `${JSON.stringify({ sizes, windowMs, everyMs, recipe, costs, rows }, null, 2)}\n`,
)
