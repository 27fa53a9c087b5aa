import { describe, expect, it } from 'vitest'
import { HOUR, Random } from '../../../foundation/base/index.ts'
import { type Dataset, HEADS } from '../../../stream/samples/index.ts'
import { configOf, grid, parseSetting } from '../sweep/index.ts'
import { toyFacts, toySamples } from '../testing/toy-samples.ts'
import { completeConfig, type RankingConfig, type RankingRun, trainRanker } from './index.ts'

interface Shown {
  readonly user?: number
  readonly position?: number
  readonly explored?: boolean
  /** Chance of a click. */
  readonly click: number
  readonly share?: number
}

/** Requests for items 0 and 1 in turn, everything else alike: who gets the higher logit is what was planted. */
function planted(of: (item: 0 | 1, request: number) => Shown): Dataset {
  const samples = toySamples('order', 800)
  const { requests, impressions } = samples.chunks[0]!
  const random = new Random('weighing')
  for (let i = 0; i < impressions.item.length; i++) {
    const item = (i % 2) as 0 | 1
    const request = Math.floor(i / 6)
    const { user = 0, position = -1, explored = false, click, share = 0 } = of(item, request)
    const clicked = random.chance(click) ? 1 : 0
    requests.user[request] = user
    requests.at[request] = Date.UTC(2026, 0, 1) + request * 0.1 * HOUR
    impressions.item[i] = item
    impressions.position[i] = position
    impressions.explored[i] = explored ? 1 : 0
    impressions.labels.set([clicked, clicked * share, 0, 0, 0], i * HEADS)
    impressions.features.set([0, 0], i * 2)
  }
  return samples
}

const small = {
  ...{ width: 8, history: 4, requests: 16, epochs: 3, patience: 0, warmup: 5, admission: 1 },
  ...{ denseRate: 5e-3, tableRate: 0.1, network: { hidden: [8] }, positionDropout: 1 },
} as const

const trained = (samples: Dataset, config: Partial<RankingConfig> = {}) =>
  trainRanker({
    ...{ recipe: 'wdl', samples, facts: toyFacts, config: { ...small, ...config } },
    expectations: { emptyDaysMax: 100, duplicatesMax: 1 },
  })

/** Mean logit of a click on item 1, less that on item 0, over the test part. */
async function preferred(samples: Dataset, config: Partial<RankingConfig> = {}): Promise<number> {
  const { test, split } = await trained(samples, config)
  const sums = [0, 0]
  let at = 0
  for (const number of split.test)
    for (const item of samples.request(number).items) sums[item] += test.logits[HEADS * at++] as number
  return (2 * (sums[1]! - sums[0]!)) / at
}

describe('weights of samples in training', () => {
  it('by the share watched: what is clicked less and watched to its end passes what is clicked and left', async () => {
    const samples = planted((item) => (item === 0 ? { click: 0.5, share: 0 } : { click: 0.35, share: 1 }))
    expect(await preferred(samples)).toBeLessThan(-0.2)
    expect(await preferred(samples, { watchWeight: 3 })).toBeGreaterThan(0.2)
  })

  it('by a cap: one viewer who is there all the time does not decide for all', async () => {
    // Viewer 0 sends 7 of 8 requests and likes item 0; the others, each once, like item 1.
    const samples = planted((item, request) =>
      request % 8 > 0 ? { user: 0, click: item === 0 ? 0.6 : 0.2 } : { user: request, click: item === 0 ? 0.2 : 0.6 },
    )
    expect(await preferred(samples)).toBeLessThan(-0.2)
    expect(await preferred(samples, { userCap: 20 })).toBeGreaterThan(0.2)
  })

  it('by position: what stood where few look passes what stood first and is liked less', async () => {
    const samples = planted((item) => (item === 0 ? { position: 0, click: 0.4 } : { position: 4, click: 0.7 / 5 }))
    expect(await preferred(samples)).toBeLessThan(-0.2)
    expect(await preferred(samples, { positionPower: 1 })).toBeGreaterThan(0.2)
  })

  it('by a power that is fitted on what stood in its place by lot, and written down as a number', async () => {
    const samples = planted((item, request) => {
      const byLot = request % 2 === 0
      const position = byLot ? (request / 2) % 5 : item === 0 ? 0 : 4
      return { position, explored: byLot, click: (item === 0 ? 0.5 : 0.8) / (1 + position) }
    })
    const run = await trained(samples, { positionPower: 'fitted', epochs: 1 })
    expect(run.config.positionPower).toBeGreaterThan(0.8)
    expect(run.config.positionPower).toBeLessThan(1.2)
    const unknown = planted(() => ({ position: 0, click: 0.5 }))
    await expect(trained(unknown, { positionPower: 'fitted' })).rejects.toMatchObject({ code: 'ERR_SAMPLES_INVALID' })
  })

  it('turned off are the weights of the samples, to the bit', async () => {
    const samples = planted((item) => ({ position: item, click: 0.4, share: 0.5 }))
    const bits = ({ artifact, metrics }: RankingRun) => [Buffer.from(artifact.graphs[0]!).toString('base64'), metrics]
    const usual = bits(await trained(samples))
    expect(bits(await trained(samples, { watchWeight: 0, userCap: 0, positionPower: 0 }))).toEqual(usual)
    expect(bits(await trained(samples, { userCap: 1e9 }))).toEqual(usual) // nobody reaches it
    expect(bits(await trained(samples, { watchWeight: 1 }))).not.toEqual(usual)
  })

  it('may be set by name, and do not correct for position twice', () => {
    const set = (...texts: string[]) =>
      configOf('din', grid(Object.fromEntries(texts.map((text) => parseSetting('din', text))))[0]!)
    expect(set('watchWeight=2', 'userCap=500')).toEqual({ watchWeight: 2, userCap: 500 })
    expect(set('positionPower=fitted', 'positionDropout=1')).toMatchObject({ positionPower: 'fitted' })
    expect(() => set('positionPower=0.8')).toThrow(/set positionDropout to 1/)
    expect(() => set('positionPower=guess')).toThrow(/from 0 to 4, or "fitted"/)
    expect(() => completeConfig('din', { userCap: -1 })).toThrow(RangeError)
  })
})
