import { describe, expect, it } from 'vitest'
import type { Change } from '../../app/index.ts'
import { change, fromRung, MINUTE, ONSET, slower, type Spoil, triage, usual } from './testing/hour.ts'

const failing =
  (stage: string): Spoil =>
  (metrics) => {
    usual(metrics)
    for (let i = 0; i < 100; i++) metrics.stage('home', { stage, ms: 1, status: 'failed', out: 200 })
  }
const sourceDown: Spoil = (metrics) => {
  usual(metrics)
  for (let i = 0; i < 100; i++) metrics.source('covisit', 0.001, 0, 'failed')
}

/** Whom it suspects of the worst, in order. */
async function suspected(spoil: Spoil, changes: readonly Change[]): Promise<string[]> {
  const { findings } = await triage(spoil, changes)
  return findings[0]?.suspects.map(({ kind, subject }) => `${kind} ${subject}`) ?? []
}

describe('suspects', () => {
  it('came at the time', async () => {
    const started = change('start', 'server', { at: ONSET - 45 * MINUTE })
    const early = change('model', 'bst', { at: ONSET - 30 * MINUTE, from: '000002', to: '000003' })
    const late = change('configuration', 'surfaces.home.rank', { at: ONSET + 2 * MINUTE })
    expect(await suspected(slower('fine', 40), [started, early, late])).toEqual([])
    expect(await suspected(slower('fine', 40), [started, early, change('model', 'bst')])).toEqual(['model bst'])
  })

  it.each<[string, Spoil, Change, boolean]>([
    ['a fine model, of the fine rank', failing('fine'), change('model', 'bst'), true],
    ['a fine model, of features', failing('features'), change('model', 'bst'), false],
    ['a coarse model, of the coarse rank', failing('coarse'), change('model', 'coarse'), true],
    ['a coarse model, of the fine rank', failing('fine'), change('model', 'coarse'), false],
    ['the towers, of another source', sourceDown, change('model', 'two-tower'), false],
    ['their index, of another source', sourceDown, change('index', 'two-tower index'), false],
    ['the towers, of slow retrieval', slower('retrieve', 40), change('model', 'two-tower'), true],
    ['the towers, of the fine rank', failing('fine'), change('index', 'two-tower index'), false],
    [
      'an injected failure of the ranker, of the fine rank',
      failing('fine'),
      change('fault', 'faults', { to: 'ranker-down' }),
      true,
    ],
    [
      'an injected failure of the ranker, of features',
      failing('features'),
      change('fault', 'faults', { to: 'ranker-down' }),
      false,
    ],
    [
      'an injected failure of two, of features',
      failing('features'),
      change('fault', 'faults', { to: 'ranker-down, features-slow' }),
      true,
    ],
    ['an option of features, of features', failing('features'), change('configuration', 'features.store'), true],
    ['an option of features, of the coarse rank', failing('coarse'), change('configuration', 'features.store'), false],
    ['a port, of the fine rank', failing('fine'), change('configuration', 'server.port'), false],
    ['threads, of the fine rank', failing('fine'), change('configuration', 'server.workers'), false],
    ['threads, of a rung', fromRung('cached'), change('configuration', 'server.workers'), true],
    ['a budget, of whatever', failing('coarse'), change('configuration', 'budgets.profile'), true],
    ['a shadow, of whatever is slow', slower('fine', 40), change('shadow', 'bst shadow'), true],
  ])('can have to do with it: %s', async (_, spoil, suspect, isSuspect) => {
    expect(await suspected(spoil, [suspect])).toEqual(isSuspect ? [`${suspect.kind} ${suspect.subject}`] : [])
  })

  it('are still in effect', async () => {
    const from = (version: string, to: string, minutes: number) =>
      change('model', 'bst', { at: ONSET + minutes * MINUTE, from: version, to })
    expect(await suspected(failing('fine'), [from('000003', '000004', -1), from('000004', '000003', 3)])).toEqual([])
    const injected = (to: string | undefined, minutes: number) =>
      change('fault', 'faults', { at: ONSET + minutes * MINUTE, ...(to === undefined ? {} : { to }) })
    expect(await suspected(failing('fine'), [injected('ranker-down', -1), injected(undefined, 1)])).toEqual([])
    const again = change('fault', 'faults', { at: ONSET - 30 * MINUTE, from: 'ranker-down' }) // it was so before
    const both = [again, injected('ranker-down', -1), change('model', 'bst')]
    expect(await suspected(failing('fine'), both)).toEqual(['fault faults', 'model bst'])
    const turns = [injected('features-slow', -1), injected(undefined, 1), injected('ranker-down', 2)]
    const { findings } = await triage(failing('fine'), turns)
    expect(findings[0]?.suspects).toEqual([turns[2]]) // what is injected now, not what was at the beginning
  })

  it('are of one thing the nearest; a return to what was comes last', async () => {
    const at = (minutes: number, from: string | undefined, to: string, subject = 'bst') =>
      change('model', subject, { at: ONSET + minutes * MINUTE, ...(from === undefined ? {} : { from }), to })
    const { findings } = await triage(failing('fine'), [at(-8, undefined, '000003'), at(-0.5, '000003', '000004')])
    expect(findings[0]?.suspects.map(({ to }) => to)).toEqual(['000004'])
    const returned = [at(-1.5, '000003', '000004'), at(-0.5, '000004', '000003'), at(-1.5, '000001', '000002', 'din')]
    expect(await suspected(failing('fine'), returned)).toEqual(['model din', 'model bst'])
  })

  it('are those that have most to do with it, of the options of one start, however they were noted', async () => {
    const start = change('start', 'server', { at: ONSET - 1000 })
    const option = (subject: string, ms: number) => change('configuration', subject, { at: ONSET - 1000 + ms })
    const options = [option('budgets.profile', 1000), option('features.store', 1), option('others', 999)]
    expect((await suspected(failing('features'), [start, ...options])).slice(0, 3)).toEqual([
      'configuration features.store',
      'configuration budgets.profile',
      'configuration others', // nobody can set that back
    ])
  })

  it('of any layer are suspected of a rung whose cause is not known, and of no other when it is', async () => {
    const model = change('model', 'bst', { from: '000003', to: '000004' })
    const { advice } = await triage(fromRung('degraded'), [model])
    expect(advice?.steps[0]).toMatch(/^sluice models rollback bst/)
    const known: Spoil = (metrics) => {
      fromRung('coarse')(metrics)
      for (let i = 0; i < 100; i++) metrics.stage('home', { stage: 'features', ms: 1, status: 'failed', out: 200 })
    }
    expect((await triage(known, [model])).advice?.action).toBe('mitigate')
  })
})
