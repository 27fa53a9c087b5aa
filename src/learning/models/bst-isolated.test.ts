import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { emitModel, initialParameters, Session, sizeOf, type Values } from '../graph/index.ts'
import { bstMasked } from './bst.ts'
import { bstIsolated } from './bst-isolated.ts'
import { AGES, HOURS, SHARES } from './ranking-inputs.ts'
import { buildRanker, type Ranker } from './ranker.ts'
import { maskedWeights } from './testing/masked-weights.ts'
import { toySpec } from './testing/toy-spec.ts'

const R = 3
const K = 4
const spec = toySpec({ history: 6, width: 8, columns: 5 })
const codes: Readonly<Record<string, number>> = {
  'history.age': AGES,
  'history.kind': spec.kinds,
  'history.share': SHARES,
  surface: spec.surfaces,
  hour: HOURS,
  position: 33,
}

/** Values of every input; histories of different lengths, flush right, the last request with none. */
function feedsOf({ g }: Ranker): Record<string, Values> {
  const random = new Random('feeds')
  return Object.fromEntries(
    g.inputs.map(({ source, shape, dtype }) => {
      const name = 'name' in source ? source.name : ''
      const size = sizeOf(shape)
      if (dtype === 'int32') return [name, Int32Array.from({ length: size }, () => random.int(codes[name] as number))]
      if (name === 'history.mask') {
        const kept = [6, 3, 0]
        return [
          name,
          Float32Array.from({ length: size }, (_, i) => (6 - (i % 6) <= (kept[Math.floor(i / 6)] as number) ? 1 : 0)),
        ]
      }
      if (name === 'present') return [name, new Float32Array(size).fill(1)]
      return [name, Float32Array.from({ length: size }, () => random.normal())]
    }),
  )
}

async function run(ranker: Ranker, parameters: Float32Array, feeds: Record<string, Values>): Promise<Float32Array> {
  const session = await Session.open(emitModel(ranker.g, { logits: ranker.logits }, { weights: parameters }))
  const { logits } = await session.run(feeds)
  await session.close()
  return logits as Float32Array
}

describe('bst-isolated', () => {
  for (const blocks of [1, 2, 3]) {
    it(`equals the masked network with one copy of the history per candidate, ${blocks} blocks`, async () => {
      const isolated = buildRanker(bstIsolated, spec, { requests: R, candidates: K }, { blocks, heads: 2 })
      const masked = buildRanker(bstMasked, spec, { requests: R, candidates: K }, { blocks, heads: 2 })
      const parameters = initialParameters(isolated.g, 'weights')
      const feeds = feedsOf(isolated)
      const a = await run(isolated, parameters, feeds)
      const b = await run(masked, maskedWeights(isolated, parameters, masked), feeds)
      const scale = Math.max(...a.map(Math.abs))
      expect(scale).toBeGreaterThan(0.1)
      expect(Math.max(...a.map((x, i) => Math.abs(x - (b[i] as number)))) / scale).toBeLessThan(1e-5)
    })
  }

  it('gives a candidate the same logits in whatever company', async () => {
    const all = buildRanker(bstIsolated, spec, { requests: 1, candidates: K }, { heads: 2 })
    const one = buildRanker(bstIsolated, spec, { requests: 1, candidates: 1 }, { heads: 2 })
    const parameters = initialParameters(all.g, 'weights')
    const feeds = feedsOf(buildRanker(bstIsolated, spec, { requests: 1, candidates: K }, { heads: 2 }))
    const together = await run(all, parameters, feeds)
    for (let k = 0; k < K; k++) {
      const own = Object.fromEntries(
        Object.entries(feeds).map(([name, values]) => {
          const perCandidate = name.startsWith('candidate.') || name === 'dense' || name === 'position'
          const size = values.length / K
          return [name, perCandidate ? values.subarray(k * size, (k + 1) * size) : values]
        }),
      )
      const alone = await run(one, parameters, own)
      for (const [head, value] of alone.entries()) expect(together[k * spec.heads.length + head]).toBeCloseTo(value, 5)
    }
  })
})
