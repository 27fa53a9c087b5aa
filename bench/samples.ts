/**
 * What samples cost on a world: folding its history alone, building samples from it (join, point-in-time features,
 * columns), one epoch of batches, the checks, and the way to disk and back. Run:
 *
 *     npm run -s bench bench/samples.ts
 *
 * USERS, ITEMS and DAYS set the size. Writes bench/out/samples.json.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { completeConfig, Kinds } from '../src/domain/index.ts'
import { State } from '../src/stream/catalog/index.ts'
import type { Entry } from '../src/stream/events/index.ts'
import { Features } from '../src/stream/features/index.ts'
import {
  batchesOf,
  headNames,
  readSamples,
  samplesOf,
  validateSamples,
  writeSamples,
} from '../src/stream/samples/index.ts'
import { createWorld, drawnByLot } from '../src/world/index.ts'

const [users, items, days] = [
  ['USERS', 5000],
  ['ITEMS', 10_000],
  ['DAYS', 28],
].map(([name, size]) => Number(process.env[name as string] ?? size)) as [number, number, number]

const world = createWorld({ users, items, days })
const entries: Entry[] = [
  ...Array.from(world.items(), (item): Entry => ({ type: 'item', item, at: world.start })),
  ...Array.from(world.users(), (user): Entry => ({ type: 'user', user, at: world.start })),
  ...Array.from(world.history(), (event): Entry => {
    const at = Number(event.at)
    return { type: 'event', event: { ...event, at, receivedAt: at } }
  }),
]
const config = completeConfig()
function ground() {
  const state = new State(new Kinds())
  return { state, features: new Features(state, config.ranking, Object.keys(config.surfaces)) }
}
function timed<T>(work: () => T): { seconds: number; value: T } {
  const start = performance.now()
  const value = work()
  return { seconds: (performance.now() - start) / 1000, value }
}

const fold = timed(() => {
  const { state } = ground()
  for (const entry of entries) state.apply(entry)
})
const built = timed(() =>
  samplesOf(() => entries, ground(), {
    surfaces: Object.keys(config.surfaces),
    randomised: drawnByLot,
  }),
)
const { dataset } = built.value
const epoch = timed(() => {
  let count = 0
  for (const batch of batchesOf(dataset, { requests: 32, impressions: 16, shuffle: { seed: 1, epoch: 1 } }))
    count += batch.count
  return count
})
const checked = timed(() => validateSamples(dataset))
const path = join(tmpdir(), `samples-${process.pid}.bin`)
const written = timed(() => writeSamples(path, dataset.header, dataset.chunks))
const read = timed(() => readSamples(path))
rmSync(path)

const rate = (count: number, seconds: number) => Math.round(count / seconds)
const figures = {
  cpu: cpus()[0]?.model,
  node: process.version,
  ...{ users, items, days, entries: entries.length },
  requests: dataset.requests,
  impressions: dataset.impressions,
  bytesPerImpression: Math.round(dataset.bytes / dataset.impressions),
  foldEntriesPerSecond: rate(entries.length, fold.seconds),
  buildImpressionsPerSecond: rate(dataset.impressions, built.seconds),
  buildSeconds: built.seconds,
  epochImpressionsPerSecond: rate(dataset.impressions, epoch.seconds),
  validateImpressionsPerSecond: rate(dataset.impressions, checked.seconds),
  writeMegabytesPerSecond: rate(written.value.bytes / 1e6, written.seconds),
  readMegabytesPerSecond: rate(written.value.bytes / 1e6, read.seconds),
  rssMegabytes: Math.round(process.memoryUsage().rss / 1e6),
}
const table = new Table({ head: ['samples', ''] })
for (const [name, value] of Object.entries(figures)) table.push([name, String(value)])
console.log(table.toString())
const labels = new Table({ head: ['head', 'known', 'mean'] })
for (const head of headNames) {
  const { known, mean } = checked.value.heads[head]!
  labels.push([head, known, mean.toFixed(4)])
}
console.log(labels.toString())
for (const check of checked.value.checks)
  console.log(`${check.pass ? 'ok  ' : 'FAIL'} ${check.check}: ${check.value} (${check.limit})`)
mkdirSync('bench/out', { recursive: true })
writeFileSync('bench/out/samples.json', `${JSON.stringify(figures, null, 2)}\n`)
