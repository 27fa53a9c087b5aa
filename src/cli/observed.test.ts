import { expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../foundation/base/index.ts'
import type { Minute } from '../foundation/telemetry/index.ts'
import { type Answer, observedBy } from './observed.ts'
import { diagnose } from './triage/diagnose.ts'
import { status } from './triage/testing/hour.ts'

const NOW = Date.UTC(2026, 5, 1, 12)
const rows = Array.from({ length: 1440 }, (_, i) => ({ at: NOW - (1440 - i) * MINUTE, slates: i }))
const change = { at: NOW - 23 * HOUR, kind: 'start', subject: 'server', say: 'the server started' } as const
const trouble = { part: 'stage fine', at: NOW }

/** A server that tells parts, as the interface says. */
function server(asked: string[]): (query: string) => Promise<Answer> {
  return async (query) => {
    asked.push(query)
    const words = new URLSearchParams(query)
    const before = Number(words.get('before') ?? NOW)
    const from = before - Number(words.get('minutes') ?? 60) * MINUTE
    const isIn = ({ at }: { at: number }) => at >= from && at < before
    return { from, changes: [change].filter(isIn), minutes: rows.filter(isIn), troubles: [trouble] }
  }
}

it('reads the day of a server part by part, each minute once and in order', async () => {
  const asked: string[] = []
  const { changes, minutes, troubles } = await observedBy(server(asked))
  expect(minutes.map(({ at }) => at)).toEqual(rows.map(({ at }) => at))
  expect(changes).toEqual([change])
  expect(troubles).toEqual([trouble])
  expect(asked).toHaveLength(7)
  expect(asked[0]).toBe('') // an older server refuses a query that it does not know
})

it('ends with a server that does not go back', async () => {
  const stuck = { from: NOW, changes: [change], minutes: [], troubles: [] }
  const { changes } = await observedBy(async () => stuck)
  expect(changes.length).toBeLessThan(10)
})

it('takes the whole day of an older server, and diagnoses what that tells', async () => {
  const old = { slates: 600, seconds: 60, rungs: { partial: 1 }, errors: 0, memory: 1e9 } // no times, no shares by source
  const answer: Answer = { changes: [change], minutes: rows.map(({ at }) => ({ at, ...old })) }
  const asked: string[] = []
  const observations = await observedBy(async (query) => {
    asked.push(query)
    return answer
  })
  expect(asked).toEqual([''])
  const now = { ...observations.minutes[0], at: NOW } as Minute
  const place = { url: 'http://127.0.0.1:8787', data: undefined }
  const { findings } = diagnose({ at: NOW, status, observations, now, place, faults: {}, indexed: [] })
  expect(findings.map(({ sign, since }) => [sign, since])).toEqual([['degraded', NOW - DAY - MINUTE]])
  expect(JSON.stringify(findings)).not.toMatch(/null|NaN/)
})
