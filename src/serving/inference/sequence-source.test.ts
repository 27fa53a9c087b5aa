import { expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { initialParameters } from '../../learning/graph/index.ts'
import { HistoryEncoder, type SequenceConfig, sequenceServing } from '../../learning/models/index.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyState, event, put, queryOf } from '../filters/testing/scene.ts'
import { buildIvf } from '../vectors/index.ts'
import type { Artifact } from '../../learning/registry/index.ts'
import { Registry } from '../../learning/registry/index.ts'
import { homeless, type IndexHome } from './index-home.ts'
import { SEQUENCE, writeSequence } from './sequence-artifact.ts'
import { SequenceSource } from './sequence-source.ts'

const ITEMS = 300
const config: SequenceConfig = {
  ...{ width: 16, length: 8, blocks: 1, heads: 2, expansion: 2 },
  ...{ gated: true, feedForward: 'relu', dropout: 0 },
}

/** An untrained model over the items in another order than the state has them; one of them the state does not know. */
async function scene() {
  const random = new Random('sequence source')
  const ids = random.shuffle(Array.from({ length: ITEMS }, (_, i) => `i${i}`))
  const table = Float32Array.from({ length: ITEMS * config.width }, () => random.normal())
  const parameters = initialParameters(sequenceServing(config, config.length).graph, 'sequence')
  const model = { config, items: ITEMS, parameters, table }
  const folder = mkdtempSync(join(tmpdir(), 'sluice-sequence-source-'))
  const draft = new Registry(folder).draft(SEQUENCE)
  writeSequence(draft, model, ids)
  const manifest = { name: SEQUENCE, version: '000001', config: { model: config, items: ITEMS, held: 0 } }
  const artifact = {
    manifest,
    folder: draft.folder,
    path: (file: string) => join(draft.folder, file),
  } as never as Artifact
  const { state, histories } = emptyState()
  put(
    state,
    Array.from({ length: ITEMS - 1 }, (_, i) => ({ id: `i${i}` })),
    [{ id: 'u' }],
    ['i3', 'i50', 'i120'].map((item, i) => event(i, 'watch', 'u', item)),
  )
  const encoder = await HistoryEncoder.open(model)
  const places = ['i3', 'i50', 'i120'].map((id) => ids.indexOf(id))
  const vector = (await encoder.encode(places)) as Float32Array
  await encoder.close()
  /** Rows of the state by inner product in double precision, without what was seen and what is not there. */
  const truth = ids
    .map((id, place) => {
      let score = 0
      for (let d = 0; d < config.width; d++) score += vector[d] * table[place * config.width + d]
      return { row: state.items.ids.find(id), score, seen: places.includes(place) }
    })
    .filter(({ row, seen }) => row >= 0 && !seen)
    .sort((a, b) => b.score - a.score)
    .map(({ row }) => row)
  return { state, histories, artifact, truth, folder, table }
}

async function proposed(home: IndexHome | undefined, limit: number) {
  const { state, histories, artifact, truth, folder } = await scene()
  const source = new SequenceSource(state, histories, home)
  const known = queryOf(state, 'u')
  const query = { ...known, viewer: { ...known.viewer, personal: true } } // with a history
  expect(await source.retrieve(query, limit)).toEqual({ rows: [], scores: [] })
  await source.use(artifact)
  const { rows } = await source.retrieve(query, limit)
  await source.use(undefined)
  rmSync(folder, { recursive: true, force: true })
  return { rows: Array.from(rows), truth }
}

it('proposes the items that the model expects most, as rows of the catalogue, without what was seen', async () => {
  const { rows, truth } = await proposed(undefined, 40)
  expect(rows).toEqual(truth.slice(0, 40))
})

it('does so through whatever index it is given', async () => {
  const { table, folder } = await scene()
  rmSync(folder, { recursive: true, force: true })
  const places = Uint32Array.from({ length: ITEMS }, (_, place) => place)
  const index = await buildIvf({ dim: config.width, rows: places, vectors: table }, { cells: 4, recall: 1 })
  let waited = 0
  const settled = async () => {
    waited++
  }
  const { rows, truth } = await proposed({ ...homeless, open: () => ({ index, settled }) }, 40)
  const hits = rows.filter((row) => truth.slice(0, 40).includes(row)).length
  expect(rows.length).toBe(40)
  expect(hits).toBeGreaterThanOrEqual(38)
  expect(waited).toBe(0) // no other version served: there was nothing to wait beside
})
