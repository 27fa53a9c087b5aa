import { defaultSurfaces } from '../../domain/index.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candidates, Scorer } from '../pipeline/index.ts'
import { bootstrapClicks } from './by-features.ts'
import { bootstrapCoarse } from './coarse.ts'
import { evidenceOf } from './evidence.ts'
import { bootstrapFine } from './fine.ts'
import { reasonFor } from './reasons.ts'
import { candidatesOf, config, homeQuery, names, type Thing } from './testing/scene.ts'

const fine = bootstrapFine(config, names)
const coarse = bootstrapCoarse(config, (row) => row * 3)
const query = homeQuery()

function scores(scorer: Scorer, candidates: Candidates): number[] {
  const out = new Float32Array(candidates.count)
  scorer.score(query, candidates, out)
  return [...out]
}
const scoreOf = (thing: Thing) => scores(fine, candidatesOf([thing]))[0] as number

const rank = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 300 }))
const share = fc.double({ min: 0, max: 1, noNaN: true })
const signed = fc.double({ min: -1, max: 1, noNaN: true })
const thing = fc.record({
  ranks: fc.record({
    slim: rank,
    covisit: rank,
    similar: rank,
    followed: rank,
    trending: rank,
    popular: rank,
    fresh: rank,
  }),
  features: fc.record({
    'item.ctr': share,
    'item.completion': share,
    'item.satisfaction': signed,
    'item.rating': signed,
    'item.negative': share,
    'item.age': fc.double({ min: 0, max: 12, noNaN: true }),
    'item.rank': share,
    'affinity.category': signed,
    'affinity.creator': signed,
    'fatigue.item': fc.double({ min: 0, max: 50, noNaN: true }),
  }),
})
const thingsOf = fc.array(thing, { minLength: 1, maxLength: 12 })

describe('evidenceOf', () => {
  it('is 1 for the first, one half for the eleventh, 0 for none', () => {
    expect([evidenceOf(1), evidenceOf(11), evidenceOf(0)]).toEqual([1, 0.5, 0])
    expect(evidenceOf(2)).toBeLessThan(evidenceOf(1))
  })
})

describe.each([
  ['coarse', coarse],
  ['fine', fine],
])('the %s bootstrap scorer', (_, scorer) => {
  it('explains by parts that sum to the score', () => {
    fc.assert(
      fc.property(thingsOf, (list) => {
        const set = candidatesOf(list)
        scores(scorer, set).forEach((score, i) => {
          const parts = Object.values(scorer.explain!(query, set, i))
          expect(Math.abs(parts.reduce((sum, part) => sum + part, 0) - score)).toBeLessThan(
            1e-6 * Math.max(1, Math.abs(score)),
          )
        })
      }),
      { numRuns: 300 },
    )
  })

  it('scores a candidate alone as it does among others, in any order', () => {
    fc.assert(
      fc.property(thingsOf, (list) => {
        const set = candidatesOf(list)
        const together = scores(scorer, set)
        const turned = scores(scorer, set.take(list.map((_, i) => list.length - 1 - i))).reverse()
        expect(turned).toEqual(together)
        list.forEach((_, i) => {
          expect(scores(scorer, set.take([i]))[0]).toBe(together[i])
        })
      }),
      { numRuns: 200 },
    )
  })

  it('is finite everywhere', () => {
    fc.assert(
      fc.property(thingsOf, (list) => {
        for (const score of scores(scorer, candidatesOf(list))) expect(Number.isFinite(score)).toBe(true)
      }),
    )
  })
})

describe('the fine bootstrap scorer', () => {
  it('gives an item nothing is known about its worth by hand', () => {
    // sigmoid(logit 0.05) x (1 + 2 x 0.4 + 1.5 x 0.5) - 20 x 0.005, and freshness of 10 000 hours: 2^-59.5
    expect(scoreOf({})).toBeCloseTo(0.05 * 2.55 - 0.1, 6)
  })

  it('gives a worked example', () => {
    // Odds: -ln 19 + 5 x (3/total x 1) + 0.4 x (0.2/0.4)/2 + 0.15 x 0.8 + 0.1 x 2^(-168/168) - 0.15 x 2
    const total = Object.values(defaultSurfaces.home.sources).reduce((sum, { weight }) => sum + weight, 0)
    const odds = -Math.log(19) + (5 * 3) / total + 0.1 + 0.12 + 0.05 - 0.3
    const click = 1 / (1 + Math.exp(-odds))
    const watch = 0.4 + 0.35 * 0.4
    const glad = 0.5 + (0.35 * 0.6) / 2
    const expected = click * (1 + 2 * watch + 1.5 * glad) - 20 * (0.005 + 0.35 * 0.01)
    const score = scoreOf({
      ranks: { slim: 1 },
      features: {
        'item.completion': 0.8,
        'item.satisfaction': 0.6,
        'item.negative': 0.015,
        'item.age': Math.log1p(168),
        'item.rank': 0.8,
        'affinity.category': 0.2,
        'fatigue.item': 2,
      },
    })
    expect(score).toBeCloseTo(expected, 6)
  })

  it('says the odds of a click from features alone, for slates whose sources nobody knows any more', () => {
    // The worked example above without its source: -ln 19 + 0.4 x (0.2/0.4)/2 + 0.15 x 0.8 + 0.1 x 2^-1 - 0.15 x 2
    const features = {
      ...{ 'item.age': Math.log1p(168), 'item.rank': 0.8, 'affinity.category': 0.2, 'fatigue.item': 2 },
    }
    const [odds, plain] = bootstrapClicks(config, names)(candidatesOf([{ features }, {}]).features)
    expect(odds).toBeCloseTo(-Math.log(19) + 0.1 + 0.12 + 0.05 - 0.3, 5)
    expect(plain).toBeCloseTo(-Math.log(19), 5)
  })

  it.each<[string, Thing, Thing]>([
    ['a better rank', { ranks: { slim: 3 } }, { ranks: { slim: 4 } }],
    ['one source more', { ranks: { slim: 3, popular: 90 } }, { ranks: { slim: 3 } }],
    ['a heavier source', { ranks: { slim: 5 } }, { ranks: { popular: 5 } }],
    ['a higher click rate', { features: { 'item.ctr': 0.08 } }, {}],
    ['more watched', { features: { 'item.completion': 0.5 } }, {}],
    ['gladder viewers', { features: { 'item.satisfaction': 0.2 } }, {}],
    ['better ratings', { features: { 'item.rating': 0.2 } }, {}],
    ['fewer reports', {}, { features: { 'item.negative': 0.01 } }],
    ['a loved category', { features: { 'affinity.category': 0.3 } }, { features: { 'affinity.category': 0.1 } }],
    ['a creator not disliked', {}, { features: { 'affinity.creator': -0.1 } }],
    ['a fresher item', { features: { 'item.age': Math.log1p(5) } }, { features: { 'item.age': Math.log1p(50) } }],
    ['a more popular item', { features: { 'item.rank': 0.9 } }, { features: { 'item.rank': 0.2 } }],
    ['fewer impressions in vain', {}, { features: { 'fatigue.item': 1 } }],
    [
      'glad viewers over many clicks',
      { features: { 'item.completion': 0.7, 'item.satisfaction': 0.5 } },
      { features: { 'item.ctr': 0.07, 'item.completion': 0.1, 'item.satisfaction': -0.5 } },
    ],
  ])('prefers %s', (_, better, worse) => {
    expect(scoreOf(better)).toBeGreaterThan(scoreOf(worse))
  })

  it('lets the personal sources rule when there is history: their best beats the popular best of all', () => {
    const personal = { ranks: { slim: 1, covisit: 2 } }
    const popular = {
      ranks: { popular: 1, trending: 1 },
      features: { 'item.rank': 1, 'item.ctr': 0.2, 'item.completion': 0.8 },
    }
    expect(scoreOf(personal)).toBeGreaterThan(scoreOf(popular))
  })

  it('says which feature is missing', () => {
    expect(() => bootstrapFine(config, ['item.ctr', 'item.age'])).toThrow(RangeError)
    expect(() => bootstrapFine(config, ['item.ctr', 'item.age'])).toThrow('needs the feature "item.completion"')
  })
})

describe('reasonFor', () => {
  const of = (ranks: Record<string, number>) => candidatesOf([{ ranks }])

  it('names the source that adds most', () => {
    expect(reasonFor(query, of({ slim: 2, popular: 1 }), 0)).toEqual({
      why: 'taste',
      source: 'slim',
    })
    expect(reasonFor(query, of({ slim: 280, popular: 1 }), 0).why).toBe('popular')
    expect(reasonFor(query, of({ fresh: 4 }), 0).why).toBe('fresh')
  })

  it('says so for pins, lots, and items that no source proposed', () => {
    expect(reasonFor(query, of({ slim: 1 }), 0, { pinned: true }).why).toBe('editorial')
    expect(reasonFor(query, of({ slim: 1 }), 0, { explored: true }).why).toBe('fresh')
    expect(reasonFor(query, of({}), 0)).toEqual({ why: 'recommended', source: undefined })
  })

  it('does not speak of a history that is not there', () => {
    const cold = homeQuery({ item: 7, viewer: { ...query.viewer, historyLength: 0 } })
    expect(reasonFor(cold, of({ covisit: 1 }), 0).why).toBe('after')
  })
})
