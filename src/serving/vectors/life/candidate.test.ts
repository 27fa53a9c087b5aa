import { describe, expect, it } from 'vitest'
import { Random } from '../../../foundation/base/index.ts'
import { buildIvf } from '../ivf/build.ts'
import { madeQueries, recallOf, truthOf } from '../ivf/recall.ts'
import { makeCandidate } from './candidate.ts'

const DIM = 16
const ITEMS = 6000
const TOPICS = 8
const WANTED = 0.9

/** Items about few topics, and queries of which every fourth, those that judge, points anywhere: harder than made ones, which mix items. */
function scene() {
  const random = new Random('candidate')
  const topics = Float32Array.from({ length: TOPICS * DIM }, () => random.normal())
  const vectors = Float32Array.from(
    { length: ITEMS * DIM },
    (_, i) => topics[((Math.floor(i / DIM) * 7) % TOPICS) * DIM + (i % DIM)] + 0.6 * random.normal(),
  )
  const queries = madeQueries(vectors, DIM, 128, 'others')
  for (let q = 0; q < 128; q += 4) for (let d = 0; d < DIM; d++) queries[q * DIM + d] = random.normal()
  return { rows: Uint32Array.from({ length: ITEMS }, (_, row) => row), vectors, queries }
}

describe('makeCandidate', () => {
  it('reads more cells where the queries that judge find too little in those chosen by others', async () => {
    const { rows, vectors, queries } = scene()
    const tuned = await buildIvf({ dim: DIM, rows, vectors }, { recall: WANTED })
    const judging = queries.filter((_, i) => Math.floor(i / DIM) % 4 === 0)
    const truth = await truthOf(rows, vectors, judging, DIM, ITEMS / 10)
    expect(recallOf(tuned, judging, truth)).toBeLessThan(WANTED)

    const job = { dim: DIM, rows, vectors, queries, recall: WANTED, before: undefined, save: undefined }
    const { index, measured } = await makeCandidate(job)
    expect(index.probes).toBeGreaterThan(tuned.probes)
    expect(measured.recall).toBeGreaterThanOrEqual(WANTED)
    expect(measured).toMatchObject({ queries: 32, recall: recallOf(index, judging, truth) })
  })
})
