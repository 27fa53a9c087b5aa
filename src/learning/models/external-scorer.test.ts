import { describe, expect, it } from 'vitest'
import { emitModel, Graph, zeros } from '../graph/index.ts'
import type { ExternalContract } from './external-contract.ts'
import { ExternalScorer } from './external-scorer.ts'

const ground = { columns: ['item.a', 'user.b', 'item.c'], featureDigest: 'd1' }
const contract: ExternalContract = {
  features: { digest: 'd1', columns: ['item.c', 'user.b'] },
  input: 'features',
  outputs: [{ name: 'y', heads: [null, 'click'] }],
  values: 'probabilities',
}
/** Rows of the graph as it is written: two bytes as a number, so that a name of one letter fits into its place. */
const ROWS = 200

/** A file that gives, of [rows, 2] features, [1 - p, p] with p their weighted sum; any number of rows, as exporters write it. */
function anyRows(weights: readonly [number, number]): Uint8Array {
  const g = new Graph()
  const features = g.input('features', [ROWS, 2])
  const p = g.matmul(features, g.parameter('w', [2, 1], zeros))
  const y = g.concat([g.sub(1, p), p], 1)
  const file = Buffer.from(emitModel(g, { y }, { weights: Float32Array.from(weights) }))
  // dim { dim_value: 200 } becomes dim { dim_param: "N" } (onnx.proto), in the input and the output.
  const fixed = Buffer.from([0x0a, 3, 0x08, 0xc8, 1])
  const open = Buffer.from([0x0a, 3, 0x12, 1, 'N'.charCodeAt(0)])
  let found = 0
  for (let at = file.indexOf(fixed); at >= 0; at = file.indexOf(fixed)) {
    open.copy(file, at)
    found++
  }
  expect(found).toBe(2)
  return file
}

const request = (features: readonly number[], missing = 0) => ({
  ...{ user: -1, at: 0, surface: 0, missing },
  history: { items: [], ago: [], kinds: [], completions: [] },
  candidates: new Int32Array(features.length / 3),
  features: Float32Array.from(features),
})

describe('a scorer from outside', () => {
  it('finds its columns by name, takes any number of candidates and passes a column over', async () => {
    const scorer = await ExternalScorer.open('boosted', contract, anyRows([0.5, 0.25]), ground)
    // 0.5 c + 0.25 b
    const scores = await scorer.score(request([9, 0.4, 0.2, 9, 1, 1, 9, 0, 0.6]))
    expect([...scores].map((score) => Number(score.toFixed(6)))).toEqual([0.2, 0.75, 0.3])
    expect(await scorer.score(request([]))).toEqual(new Float32Array(0))
    await scorer.close()
  })

  it('puts what its manifest says where a group is missing or a feature is no number', async () => {
    const scorer = await ExternalScorer.open('boosted', { ...contract, missing: 0.8 }, anyRows([0.5, 0.25]), ground)
    const user = 1 << scorer.manifest.spec.groups.indexOf('user')
    expect((await scorer.score(request([9, 0, 0.2], user)))[0]).toBeCloseTo(0.5 * 0.2 + 0.25 * 0.8, 6)
    expect((await scorer.score(request([9, 0, Number.NaN])))[0]).toBeCloseTo(0.5 * 0.8, 6)
    await scorer.close()
  })

  it('refuses what is no probability while it serves', async () => {
    const scorer = await ExternalScorer.open('boosted', { ...contract, missing: null }, anyRows([1, 1]), ground)
    const code = { code: 'ERR_MODEL_RUN' }
    await expect(scorer.score(request([9, 0.7, 0.7]))).rejects.toMatchObject(code)
    await expect(scorer.score(request([9, Number.NaN, 0.7]))).rejects.toMatchObject(code)
    await scorer.close()
  })

  it('needs an input whose number of columns is the one of the manifest', async () => {
    const more = { ...contract, features: { digest: 'd1', columns: ['item.a', 'user.b', 'item.c'] } }
    await expect(ExternalScorer.open('boosted', more, anyRows([1, 1]), ground)).rejects.toThrow(
      /input "features" is float32 \[N, 2\]; its manifest asks for float32 \[candidates, 3\]/,
    )
  })
})
