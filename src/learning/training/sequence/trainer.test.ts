import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { build } from 'esbuild'
import type { SequenceLoss } from '../../models/index.ts'
import { Evaluator, rankMetrics } from './evaluate.ts'
import type { RecipeChoices, TrainingHooks, TrainingRecord } from './options.ts'
import { DAY, Random } from '../../../foundation/base/index.ts'
import { leaveOneOut, sequencesFrom } from '../../../stream/samples/index.ts'
import { type Cases, type Histories, historiesOf, testCases } from './sequences.ts'
import { timesOf } from './times.ts'
import { plantedOrder } from './testing/planted-order.ts'
import { type SequenceRun, trainSequence } from './trainer.ts'

const world = plantedOrder()
const split = leaveOneOut(world)
const small: RecipeChoices = {
  model: { width: 16, length: 16, blocks: 1, heads: 2, expansion: 2, dropout: 0.1 },
  rows: 4,
  epochs: 8,
  rate: 5e-3,
  warmup: 10,
  averaging: 0.9,
  patience: 0,
  seed: 'toy',
}
let folder: string
beforeAll(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'sequence-'))
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

const learns = (choices: RecipeChoices = {}, hooks: TrainingHooks = {}): Promise<SequenceRun> =>
  trainSequence(world, split, { ...small, ...choices }, hooks)

async function ndcgOf({ model }: SequenceRun, cases: Cases): Promise<number> {
  const evaluator = await Evaluator.open(model.config, model.items)
  const { kept } = await evaluator.ranks(world, cases, model.parameters, model.table)
  await evaluator.close()
  return rankMetrics(kept, [10], { resamples: 0 })['ndcg@10']?.value ?? 0
}

/** NDCG@10 of scores that are made from the counts of what a history holds, whatever its order. */
function baseline(cases: Cases, score: (history: Uint32Array, item: number) => number): number {
  const ranks = cases.targets.map((target, i) => {
    const history = world.item.slice(cases.starts[i], target)
    const scores = Array.from({ length: world.items }, (_, item) => score(history, item))
    const own = scores[world.item[target]]
    return 1 + scores.filter((value, item) => value > own || (value === own && item < world.item[target])).length
  })
  return rankMetrics(ranks, [10], { resamples: 0 })['ndcg@10']?.value ?? 0
}

/** How often items were had, and had together, in what training may see. */
function counts(): { popularity: number[]; together: number[][] } {
  const { users, items, starts, item } = world
  const popularity = Array<number>(items).fill(0)
  const together = Array.from({ length: items }, () => Array<number>(items).fill(0))
  for (let user = 0; user < users; user++) {
    const seen = item.slice(starts[user], split.validFrom[user])
    for (const had of seen) popularity[had]++
    for (const a of new Set(seen)) for (const b of new Set(seen)) together[a][b]++
  }
  return { popularity, together }
}

it.each<SequenceLoss>([
  { kind: 'full' },
  { kind: 'sampled', negatives: 16 },
  { kind: 'sampled', negatives: 8, hard: 8 },
])('finds a planted order that popularity and bags of items cannot know, by the %o loss', async (loss) => {
  const cases = testCases(world, split)
  const { popularity, together } = counts()
  const popular = baseline(cases, (_, item) => popularity[item])
  const bag = baseline(cases, (history, item) =>
    history.reduce((sum, had) => sum + together[had][item] / Math.sqrt(popularity[had] * popularity[item]), 0),
  )
  const model = await ndcgOf(await learns({ loss }), cases)
  expect(model).toBeGreaterThan(popular + 0.2)
  expect(model).toBeGreaterThan(bag + 0.2)
})

/**
 * Items 20 to 29 come out on day 100. Most users read six of the others and were gone by then; some read one that came out
 * next, four times in five.
 */
function comingOut() {
  const random = new Random('coming out')
  const rows = { users: [] as number[], items: [] as number[], at: [] as number[] }
  const reads = (user: number, item: number, at: number) => {
    rows.users.push(user)
    rows.items.push(item)
    rows.at.push(at * DAY)
  }
  for (let user = 0; user < 400; user++) {
    const late = user % 5 === 0
    const olds = random.shuffle(Uint32Array.from({ length: 20 }, (_, i) => i))
    for (let i = 0; i < 6; i++) reads(user, olds[i] as number, late ? 94 + i : i + (user % 90))
    if (late) reads(user, random.chance(0.8) ? 20 + random.int(10) : (olds[6] as number), 101)
    for (const i of [7, 8]) reads(user, olds[i] as number, late ? 95 + i : i + (user % 90)) // held out
  }
  const sequences = sequencesFrom(rows.users, rows.items, rows.at)
  const held = leaveOneOut(sequences)
  const times = timesOf(sequences, held.validFrom, (row) => (row < 20 ? Number.NEGATIVE_INFINITY : 100 * DAY))
  const places = Array.from({ length: 80 }, (_, i) => (sequences.starts[5 * i] as number) + 6)
  const news = places.filter((place) => (sequences.item[place] as number) >= 20)
  const starts = news.map((place) => place - 6)
  const cases: Cases = { starts: Uint32Array.from(starts), targets: Uint32Array.from(news) }
  return { sequences, held, times, cases }
}

it.each<SequenceLoss>([{ kind: 'full' }, { kind: 'sampled', negatives: 16 }])(
  'learns of what came out late that it is wanted, not that nobody wanted it before, by the %o loss',
  async (loss) => {
    const { sequences, held, times, cases } = comingOut()
    const ranksOf = async (histories: Histories): Promise<number> => {
      const { model } = await trainSequence(histories, held, { ...small, loss, epochs: 6 })
      const evaluator = await Evaluator.open(model.config, model.items)
      const { kept } = await evaluator.ranks(sequences, cases, model.parameters, model.table)
      await evaluator.close()
      return kept.reduce((sum, rank) => sum + rank, 0) / kept.length
    }
    expect(times).toBeDefined()
    expect(cases.targets.length).toBeGreaterThan(50)
    expect(await ranksOf({ ...sequences, ...(times && { times }) })).toBeLessThan(10)
    expect(await ranksOf(sequences)).toBeGreaterThan(12)
  },
)

it('gives equal weights for equal seeds, others for others', async () => {
  const [a, b, c] = [await learns({ epochs: 1 }), await learns({ epochs: 1 }), await learns({ epochs: 1, seed: 'x' })]
  expect(a.model).toEqual(b.model)
  expect(a.model).not.toEqual(c.model)
})

it('stopped in the middle of an epoch and continued, ends at the same weights to the bit', async () => {
  const whole = await learns({ epochs: 2 })
  const stop = new AbortController()
  const log = (record: TrainingRecord): void => {
    if (record.kind === 'step' && record.epoch === 1) stop.abort()
  }
  const here = join(folder, 'stopped')
  const part = await learns({ epochs: 2 }, { folder: here, signal: stop.signal, logUpdates: 7, log })
  expect(part.done).toBe(false)
  expect(part.updates).toBeLessThan(whole.updates)
  const rest = await learns({ epochs: 2 }, { folder: here })
  expect(rest.done).toBe(true)
  expect(rest.model).toEqual(whole.model)
  expect(rest.bestValue).toBe(whole.bestValue)
})

it('killed at any moment and continued, ends at the same weights to the bit', async () => {
  const script = join(folder, 'train.mjs')
  await build({
    stdin: {
      contents: `
        import { trainSequence } from './trainer.ts'
        import { plantedOrder } from './testing/planted-order.ts'
        import { leaveOneOut } from '../../../stream/samples/index.ts'
        const world = plantedOrder()
        const hooks = { folder: process.argv[2], checkpointUpdates: 3 }
        await trainSequence(world, leaveOneOut(world), ${JSON.stringify({ ...small, epochs: 3 })}, hooks)`,
      resolveDir: import.meta.dirname,
      loader: 'ts',
    },
    outfile: script,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  })
  const here = join(folder, 'killed')
  fs.symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'), 'junction')
  let kills = 0
  for (const written of [2, 5]) {
    const child = spawn(process.execPath, [script, here], { stdio: 'inherit' })
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))
    await changes(join(here, 'sequence.checkpoint'), written, child.exitCode !== null)
    child.kill('SIGKILL')
    if ((await ended) === 'SIGKILL') kills++
  }
  expect(kills).toBe(2)
  const rest = await learns({ epochs: 3 }, { folder: here })
  const whole = await learns({ epochs: 3 })
  expect(rest.model).toEqual(whole.model)
  expect(rest.updates).toBe(whole.updates)
})

/** Waits until a file was replaced so many times. */
async function changes(path: string, times: number, ended: boolean): Promise<void> {
  let last = fs.existsSync(path) ? fs.statSync(path).mtimeMs : 0
  for (let seen = 0, polls = 0; seen < times && !ended && polls < 5000; polls++) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    const now = fs.existsSync(path) ? fs.statSync(path).mtimeMs : 0
    if (now !== last) seen++
    last = now
  }
}

it('does not continue a training of another recipe', async () => {
  const here = join(folder, 'other')
  await learns({ epochs: 1 }, { folder: here })
  await expect(learns({ epochs: 1, seed: 'y' }, { folder: here })).rejects.toThrow(/another configuration or data/)
  const near = { starts: new Uint32Array(world.item.length + 1), item: new Uint32Array(0) }
  const nearer = trainSequence({ ...world, near }, split, { ...small, epochs: 1 }, { folder: here })
  await expect(nearer).rejects.toThrow(/another configuration or data/)
})

it('reports losses that fall, and stops when waiting does not help', async () => {
  const records: TrainingRecord[] = []
  const run = await learns(
    { epochs: 40, patience: 2, rate: 0.02 },
    { log: (record) => records.push(record), logUpdates: 5 },
  )
  const epochs = records.filter((record) => record.kind === 'epoch')
  expect(epochs.length).toBe(run.epochs)
  expect(run.epochs).toBeLessThan(40)
  expect(run.bestEpoch).toBe(run.epochs - 3)
  expect(epochs[2].loss).toBeLessThan(epochs[0].loss)
  const steps = records.filter((record) => record.kind === 'step')
  expect(steps.every(({ secondsLeft, placesPerSecond }) => secondsLeft >= 0 && placesPerSecond > 0)).toBe(true)
})

it('does not give up while the rate warms up, and spends a fifth of few steps on that', async () => {
  const few = { rows: 32, epochs: 20, warmup: 1000, patience: 1 }
  const rates: number[] = []
  const log = (record: TrainingRecord) => record.kind === 'step' && rates.push(record.rate)
  await learns(few, { log, logUpdates: 1 })
  expect(rates.indexOf(Math.max(...rates))).toBeLessThan(60) // of some two hundred
  expect(Math.max(...rates)).toBeCloseTo(small.rate as number, 12)
})

it('says that a loss is no number any more, and refuses recipes out of range', async () => {
  await expect(learns({ epochs: 2, rate: 1e30 })).rejects.toThrow(/NaN|infinite/)
  await expect(learns({ rows: 0 })).rejects.toThrow('rows must be a whole number from 1, not 0')
  const loss = { kind: 'sampled', negatives: 4, hard: 0.5 } as const
  await expect(learns({ loss })).rejects.toThrow(/0.5 near misses/)
  await expect(learns({ averaging: 1 })).rejects.toThrow('averaging must be from 0 to below 1, not 1')
  expect(() => historiesOf([[0.5]], 3)).toThrow(RangeError)
})
