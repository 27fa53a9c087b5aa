import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FaultName, faultNames, injectionOf } from '../../app/index.ts'
import type { Layer } from './layers.ts'
import type { SignName } from './signs.ts'
import { calm, RealPlatform } from './testing/platform.ts'

const platform = new RealPlatform()

beforeAll(async () => {
  await platform.start(calm())
  await platform.visited(1)
})
afterAll(async () => {
  await platform.stop()
  platform.remove()
})

interface Told {
  readonly layer: Layer
  readonly sign: SignName
  readonly subject: RegExp
  /** Of the sentence. */
  readonly say: RegExp
  /** Of the steps, joined, when it fails by itself. */
  readonly wayOut: RegExp
  readonly action?: 'wait'
  readonly ms?: number
  /** So many ask at once besides. */
  readonly crowd?: number
}

const features = (sign: SignName, subject: RegExp, say: RegExp): Told => ({
  ...{ layer: 'features', sign, subject, say, wayOut: /set features\.store to embedded in the configuration/ },
})
const indexes: Told = {
  layer: 'retrieval',
  sign: 'source fails',
  subject: /^(?=.*slim)(?=.*covisit)(?=.*similar)(?!.*popular)/,
  say: /sources that answer from an index \(.*\) are late, fail or are skipped/,
  wayOut: /sluice portfolio --data/,
}
const ranker: Told = {
  layer: 'fine',
  sign: 'stage fails',
  subject: /^fine$/,
  say: /stage fine is late, fails or is skipped on \d+ % of the slates/,
  wayOut: /sluice models list --data .*\nset ranking\.fine to bootstrap/,
}

/** What triage must say of every failure the platform knows; nothing where nothing is lost. */
const told: Readonly<Record<Exclude<FaultName, 'worker-killed'>, Told | 'nothing'>> = {
  'features-slow': { ...features('stage fails', /^features$/, /stage features/), ms: 400 },
  'features-down': features('stage fails', /^features$/, /stage features/),
  'features-stale': features('degraded', /^stale$/, /from rung stale/),
  'index-slow': { ...indexes, ms: 400 },
  'index-down': indexes,
  'index-corrupt': indexes,
  'index-empty': indexes,
  'source-down': {
    layer: 'retrieval',
    sign: 'source fails',
    subject: /^covisit$/,
    say: /source covisit is late, fails or is skipped/,
    wayOut: /take covisit out of surfaces\.\*\.sources/,
  },
  'retrieval-down': {
    ...indexes,
    subject: /^(?=.*slim)(?=.*popular)/,
    say: /every source is late, fails or is skipped/,
  },
  'coarse-down': {
    layer: 'coarse',
    sign: 'stage fails',
    subject: /^coarse$/,
    say: /stage coarse/,
    wayOut: /set ranking\.coarse to bootstrap/,
  },
  'ranker-slow': { ...ranker, ms: 400 },
  'ranker-down': ranker,
  'ranker-memory': ranker,
  'degraded-down': 'nothing',
  'log-down': {
    layer: 'event log',
    sign: 'disk full',
    subject: /log-down/,
    say: /the disk takes nothing \(.*\): events are answered 503, slates go on/,
    wayOut: /df -h .*is the disk full/,
  },
  'served-down': {
    layer: 'served log',
    sign: 'slates not kept',
    subject: /^served log$/,
    say: /100 % of the slates cannot be kept/,
    wayOut: /df -h .*is the disk full/,
  },
  overload: {
    layer: 'queue',
    sign: 'shed',
    subject: /^requests$/,
    say: /of the slates are shed, for they waited too long; \d+\.\d a second are asked for/,
    wayOut: /server\.workers.*\nsluice plan capacity --from http:.* --qps \d+ /,
    action: 'wait', // the server started a moment ago; what helps comes after that
    ms: 30,
    crowd: 60,
  },
}

/** Commands that are quick and change nothing. */
const harmless = /^sluice (explain|portfolio|status|models list|index list) /

describe('a part that fails by itself', () => {
  it('is one of those this test knows, but for workers: those have ending-workers.test.ts', () => {
    expect(Object.keys(told).toSorted()).toEqual(faultNames.filter((name) => name !== 'worker-killed').toSorted())
  })

  it.each(Object.entries(told))('%s', async (name, expected) => {
    const fault = name as FaultName
    const { ms, crowd = 0 } = expected === 'nothing' ? { ms: undefined } : expected
    platform.running.injectFaults([injectionOf(fault, 1, ms)])
    await platform.visited(0.3)
    const diagnosis = await platform.look(0.7, { unknown: true, crowd })
    platform.running.injectFaults([])
    if (expected === 'nothing') {
      expect(diagnosis.findings).toEqual([])
      return
    }
    const { findings, layer, advice } = diagnosis
    expect(layer).toBe(expected.layer)
    expect(findings[0]).toMatchObject({
      sign: expected.sign,
      subject: expect.stringMatching(expected.subject),
      say: expect.stringMatching(expected.say),
    })
    // Whatever else is seen comes from the same place; behind what is slow, requests queue.
    const elsewhere = findings.filter((finding) => finding.layer !== expected.layer)
    expect(elsewhere.filter(({ sign }) => !fault.endsWith('-slow') || sign !== 'shed')).toEqual([])
    expect(advice?.action).toBe(expected.action ?? 'mitigate')
    expect(advice?.steps.join('\n')).toMatch(expected.wayOut)
    for (const step of advice?.steps.filter((one) => harmless.test(one)) ?? []) await platform.paste(step)
    await platform.recovered()
  })
})
