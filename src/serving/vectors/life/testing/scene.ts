import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach } from 'vitest'
import { DAY, manualClock, Random } from '../../../../foundation/base/index.ts'
import { ExactIndex } from '../../exact.ts'
import { plainVectors } from '../../vector-index.suite.ts'
import { type BuildIndex, makeCandidate } from '../candidate.ts'
import type { IndexNews, LifeGround } from '../ground.ts'
import type { IndexLife } from '../life.ts'
import { type LifeLimits, lifeLimits } from '../limits.ts'
import { openLife as openComing } from '../open-life.ts'
import { Shelf } from '../shelf.ts'
import { SwapWatch } from '../swap-watch.ts'

export const DIM = 16
export const plain = plainVectors('life', 3000, DIM)
export const limits: LifeLimits = { ...lifeLimits, shadowShare: 1, shadowQueries: 20, watchSlates: 60, keepMs: DAY }

export let folder = ''
export let news: IndexNews[] = []
export let clock = manualClock()
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'index-life-'))
  news = []
  clock = manualClock(Date.UTC(2026, 0, 1))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

export function groundOf(build: BuildIndex = (job) => makeCandidate(job)): LifeGround {
  return {
    ...{ shelf: new Shelf(join(folder, 'towers'), clock), clock, build, limits, watch: new SwapWatch(limits) },
    ...{ random: new Random('shadow'), tell: (what: IndexNews) => news.push(what), invertFrom: 1000 },
  }
}

export function exact(): ExactIndex {
  const index = new ExactIndex(DIM)
  plain.rows.forEach((row, i) => {
    index.upsert(row, plain.vectors.subarray(i * DIM, (i + 1) * DIM))
  })
  return index
}

/** One that serves from now on. */
export function openLife(...args: Parameters<typeof openComing>): IndexLife {
  const life = openComing(...args)
  life.serve()
  return life
}

export const queryOf = (seed: string) => {
  const random = new Random(seed)
  return Float32Array.from({ length: DIM }, () => random.normal())
}

/** Live queries, and time for what they leave behind. */
export async function ask(life: IndexLife, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    life.search(queryOf(`live ${i}`), 50)
    await turn()
  }
}

/** Builds, shadows and swaps in the next generation. */
export async function next(life: IndexLife): Promise<void> {
  await life.rebuild()
  await ask(life, limits.shadowQueries)
  life.tick()
}

export const slate = (contributed: number, score: (i: number) => number) => ({
  ...{ shown: 20, contributed },
  scores: Array.from({ length: 20 }, (_, i) => score(i)),
})
