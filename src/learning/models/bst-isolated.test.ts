import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { emitModel, initialParameters, layoutOf, parameterViews, Session, sizeOf, type Values } from '../graph/index.ts'
import { bstMasked } from './bst.ts'
import { bstIsolated } from './bst-isolated.ts'
import { AGES, HOURS, SHARES } from './ranking-inputs.ts'
import { buildRanker, type Ranker } from './ranker.ts'
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

/**
 * Parameters of the isolated network for the masked one: the same but that its tower reads the mean of the history per
 * candidate and not per request.
 */
function moved(isolated: Ranker, parameters: Float32Array, masked: Ranker): Float32Array {
  const from = parameterViews(layoutOf(isolated.g), parameters)
  const flat = new Float32Array(layoutOf(masked.g).size)
  const to = parameterViews(layoutOf(masked.g), flat)
  const pooled = spec.width * 256
  const [request, candidate] = ['tower/joined/request/weight', 'tower/joined/candidate/weight'] as const
  for (const [name, values] of Object.entries(to)) {
    if (name === request) values.set((from[request] as Float32Array).subarray(pooled))
    else if (name === candidate) {
      const own = from[candidate] as Float32Array
      values.set(own.subarray(0, pooled))
      values.set((from[request] as Float32Array).subarray(0, pooled), pooled)
      values.set(own.subarray(pooled), 2 * pooled)
    } else {
      expect(from[name]?.length, name).toBe(values.length)
      values.set(from[name] as Float32Array)
    }
  }
  return flat
}

describe('bst-isolated', () => {
  for (const blocks of [1, 2, 3]) {
    it(`equals the masked network with one copy of the history per candidate, ${blocks} blocks`, async () => {
      const isolated = buildRanker(bstIsolated, spec, { requests: R, candidates: K }, { blocks, heads: 2 })
      const masked = buildRanker(bstMasked, spec, { requests: R, candidates: K }, { blocks, heads: 2 })
      const parameters = initialParameters(isolated.g, 'weights')
      const feeds = feedsOf(isolated)
      const a = await run(isolated, parameters, feeds)
      const b = await run(masked, moved(isolated, parameters, masked), feeds)
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
