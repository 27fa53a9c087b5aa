import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { manualClock, Random } from '../../foundation/base/index.ts'
import { createMetrics, type Metrics, total } from '../../foundation/telemetry/index.ts'
import {
  type Candidate,
  ExactIndex,
  type IndexLife,
  lifeLimits,
  makeCandidate,
  openLife,
  Shelf,
  SwapWatch,
} from '../../serving/vectors/index.ts'
import { IndexSignals } from './index-signals.ts'

const DIM = 8
const ITEMS = 400
const clock = manualClock(Date.UTC(2026, 0, 1))
let folder = ''
let metrics: Metrics = createMetrics({ process: false })
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'index-signals-'))
  metrics = createMetrics({ process: false })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const random = new Random('signals')
const vector = () => Float32Array.from({ length: DIM }, () => random.normal())

function exact(): ExactIndex {
  const index = new ExactIndex(DIM)
  for (let row = 0; row < ITEMS; row++) index.upsert(row, vector())
  return index
}

/** One that serves, of which a build says that its recall is `recall`. */
function serving(recall: () => number) {
  const signals = new IndexSignals(metrics)
  const shelf = new Shelf(join(folder, 'towers'), clock)
  const limits = { ...lifeLimits, shadowShare: 1, shadowQueries: 4 }
  const build = async (job: Parameters<typeof makeCandidate>[0]): Promise<Candidate> => {
    const { index, measured } = await makeCandidate(job)
    return { index, measured: { ...measured, recall: recall(), recallBefore: undefined } }
  }
  const life = openLife(
    {
      ...{ shelf, clock, build, limits, watch: new SwapWatch(limits), random: new Random('shadow') },
      ...{ tell: (news) => signals.news('towers', news), invertFrom: ITEMS * 10 },
    },
    '000004',
    exact,
  )
  life.serve()
  const look = () => signals.look('towers', life, [life], () => shelf)
  return { life, signals, shelf, look }
}

async function shadowed(life: IndexLife): Promise<void> {
  await life.rebuild()
  for (let i = 0; i < 4; i++) {
    life.search(vector(), 10)
    await turn()
  }
}

it('says which index serves, its recall and size, and what became of each that was built', async () => {
  const { life, look } = serving(() => recall)
  let recall = 0.97
  const value = async (name: string, labels = {}) => {
    return total(await metrics.samples(), `sluice_index_${name}`, { source: 'towers', ...labels })
  }
  look()
  expect(await metrics.text()).toContain('sluice_index_events_total{source="towers",what="refused"} 0')
  expect(await value('generation')).toBe(0)
  expect(await value('recall', { which: 'live' })).toBe(1) // exact search misses nothing

  await shadowed(life)
  look()
  expect(await value('shadow_queries')).toBe(4)
  expect(await value('shadow_overlap')).toBe(life.shadow?.meanOverlap)
  life.tick()
  look()
  expect(await value('version')).toBe(4)
  expect(await value('generation')).toBe(1)
  expect(await value('size')).toBe(ITEMS)
  expect(await value('bytes')).toBe(life.bytes)
  expect(await value('recall', { which: 'live' })).toBe(0.97)
  expect(await value('shadow_queries')).toBe(4) // of the one that was judged

  for (let i = 0; i < 100; i++)
    life.upsert(
      ITEMS + i,
      vector().map((x) => 50 * x),
    )
  look()
  expect(await value('size')).toBe(ITEMS + 100)
  expect(await value('astray')).toBe(life.astray)
  expect(life.astray).toBeGreaterThan(0)

  recall = 0.5
  await life.rebuild()
  look()
  expect(await value('recall', { which: 'latest' })).toBe(0.5)
  expect(await value('recall', { which: 'live' })).toBe(0.97)
  life.rollback('asked for')
  look()
  expect(await value('generation')).toBe(0)

  const events = await Promise.all(
    ['built', 'shadow', 'swapped', 'refused', 'rolled back'].map((what) => value('events_total', { what })),
  )
  expect(events).toEqual([2, 1, 1, 1, 1])
  expect(await metrics.text()).toContain('sluice_telemetry_faults_total 0')
})

it('reads the recall of what serves from its verdict on disk, as after a restart', async () => {
  const { life } = serving(() => 0.96)
  await life.rebuild(true)
  const again = createMetrics({ process: false })
  new IndexSignals(again).look('towers', life, [life], () => new Shelf(join(folder, 'towers'), clock))
  expect(total(await again.samples(), 'sluice_index_recall', { which: 'live' })).toBe(0.96)
})
