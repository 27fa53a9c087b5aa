import { describe, expect, it } from 'vitest'
import { Random } from '../../../foundation/base/index.ts'
import { Coding, codingOf } from './coding.ts'
import { axesOf, metricOf } from './metric.ts'

const DIM = 12
const random = new Random('coding')
/** Items differ most in the first dimensions, and queries lie near one line through the last three. */
const vectors = Float32Array.from({ length: 500 * DIM }, (_, i) => 3 + random.normal() * 0.6 ** (i % DIM))
const line = [0.5, -1, 0.8]
const queries = Float32Array.from({ length: 40 * DIM }, (_, i) => {
  const along = line[(i % DIM) - (DIM - 3)] ?? 0
  return along * (1 + Math.floor(i / DIM) / 40) + random.normal(0, 0.02)
})
const metric = metricOf(queries, DIM)
const vectorAt = (i: number) => vectors.subarray(i * DIM, (i + 1) * DIM)
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, d) => sum + x * (b[d] as number), 0)

/** Root mean square of what scores of codes are off by. */
function error(coding: Coding): number {
  const codes = new Int8Array(DIM)
  const [turned, weights] = [new Float64Array(DIM), new Float64Array(DIM)]
  let squares = 0
  for (let q = 0; q < 40; q++) {
    const query = queries.subarray(q * DIM, (q + 1) * DIM)
    const offset = coding.ask(query, weights)
    for (let i = 0; i < 500; i++) {
      coding.code(vectorAt(i), turned, codes)
      squares += (offset + dot(weights, codes) - dot(query, vectorAt(i))) ** 2
    }
  }
  return Math.sqrt(squares / (40 * 500))
}

describe('a metric', () => {
  it('is the mean square of what two vectors score apart, and a little of the plain one', () => {
    const [a, b] = [vectorAt(3), vectorAt(77)]
    const apart = a.map((x, d) => x - (b[d] as number))
    let scores = 0
    let squares = 0
    for (let q = 0; q < 40; q++) {
      const query = queries.subarray(q * DIM, (q + 1) * DIM)
      scores += dot(query, apart) ** 2 / 40
      squares += dot(query, query) / 40
    }
    const { matrix } = metric
    const value = apart.reduce((sum, x, i) => sum + x * dot(matrix.subarray(i * DIM, (i + 1) * DIM), apart), 0)
    expect(value).toBeCloseTo(0.97 * scores + 0.03 * (squares / DIM) * dot(apart, apart), 6)
    expect(metricOf(undefined, 2).matrix).toEqual(Float64Array.of(1, 0, 0, 1))
    expect(metricOf(new Float32Array(4), 2).matrix).toEqual(Float64Array.of(1, 0, 0, 1)) // queries that ask nothing
  })

  it('is the product of its axes', () => {
    const axes = axesOf(metric)
    for (let i = 0; i < DIM; i++) {
      for (let j = 0; j < DIM; j++) {
        const sum = dot(axes.subarray(i * DIM, (i + 1) * DIM), axes.subarray(j * DIM, (j + 1) * DIM))
        expect(sum).toBeCloseTo(metric.matrix[i * DIM + j] as number, 10)
      }
      for (let j = i + 1; j < DIM; j++) expect(axes[i * DIM + j]).toBe(0)
    }
  })
})

describe('a coding', () => {
  const plain = new Coding(codingOf(vectors, DIM))
  const turned = new Coding(codingOf(vectors, DIM, axesOf(metric)))

  it('gives back what it coded, to half a step', () => {
    for (const coding of [plain, turned]) {
      const [codes, again, vector] = [new Int8Array(DIM), new Int8Array(DIM), new Float32Array(DIM)]
      const out = new Float64Array(DIM)
      for (let i = 0; i < 50; i++) {
        coding.code(vectorAt(i), out, codes)
        coding.read(codes, 0, vector)
        coding.code(vector, out, again)
        expect(again).toEqual(codes)
        vector.forEach((x, d) => {
          expect(Math.abs(x - (vectorAt(i)[d] as number))).toBeLessThan(0.3)
        })
      }
    }
  })

  it('keeps more of what is asked along the axes of those who ask', () => {
    expect(error(plain)).toBeGreaterThan(0)
    expect(error(turned)).toBeLessThan(0.7 * error(plain))
  })
})
