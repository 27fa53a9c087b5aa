import { expect, it } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import type { OutcomeFacts } from '../../serving/pipeline/index.ts'
import { optionsTold } from '../shaping.ts'
import { optionsDiff } from './options-diff.ts'
import { Troubles } from './troubles.ts'

const outcome = (stage: string, status: string, note: string, rung: string) =>
  ({
    stages: [{ stage, status, note, ...{ at: 0, ms: 1, budget: 1, in: 1, out: 1 } }],
    sources: [
      { name: 'slim', status: 'ok', at: 0, ms: 1, count: 3 },
      { name: 'covisit', status, at: 0, ms: 1, count: 0 },
    ],
    rung,
  }) as unknown as OutcomeFacts

it('the latest trouble of each part is kept, with the slate when it was; what is skipped is none', () => {
  const troubles = new Troubles()
  troubles.observe(1, 's1', outcome('fine', 'failed', 'no memory', 'degraded'))
  troubles.observe(2, undefined, outcome('fine', 'late', 'no answer in time', 'coarse'))
  troubles.observe(3, 's3', outcome('fine', 'skipped', 'it failed too often', 'full'))
  expect(troubles.report()).toEqual([
    { part: 'stage fine', at: 2, why: 'no answer in time' },
    { part: 'source covisit', at: 2 },
    { part: 'rung degraded', at: 1, slate: 's1' },
    { part: 'rung coarse', at: 2 },
  ])
})

it('options are compared without secrets: passwords, queries, keys', () => {
  const config = (store: string, key: string, workers: number) =>
    completeConfig({
      features: { store },
      server: {
        apiKeys: [{ key: `${key}-of-thirty-two-characters-or-more`, rights: ['read'] }],
        traces: { url: `http://me:${key}@there:4318/v1/traces?token=${key}` },
        workers,
      },
    })
  const before = optionsTold(config('redis://:hidden@one:6379', 'secret', 0))
  const after = optionsTold(config('redis://:hidden@two:6379', 'another', 2))
  expect(JSON.stringify([before, after])).not.toMatch(/hidden|secret|another/)
  expect(optionsDiff(before, after)).toEqual([
    { option: 'features.store', from: '"redis://one:6379"', to: '"redis://two:6379"' },
    { option: 'server.workers', from: '0', to: '2' },
  ])
})
