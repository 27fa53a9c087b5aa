import { describe, expect, it } from 'vitest'
import type { StageReport } from '../domain/index.ts'
import { gantt } from './gantt.ts'
import { fakeTerminal } from './testing/terminal.ts'

const stage = (name: string, at: number, ms: number, budget: number, status: StageReport['status'] = 'ok') => ({
  stage: name,
  status,
  at,
  ms,
  budget,
  in: 1,
  out: 1,
})

describe('gantt', () => {
  it('draws each stage from its beginning to its end, to scale, and counts what overlaps once', () => {
    const text = gantt(
      fakeTerminal('.'),
      [stage('retrieve', 0, 6, 15), stage('viewer', 0, 3, 25), stage('fine', 6, 6, 20, 'late')],
      [{ name: 'covisit', status: 'ok', at: 3, ms: 3 }],
    )
    const lines = text.split('\n')
    const bar = (name: string) =>
      /(?:│[^│]*){6}│ ?([ █▏]*?)(?: late)? *│/.exec(lines.find((line) => line.includes(name)) ?? '')?.[1]
    expect(bar('retrieve')).toBe('█'.repeat(24)) // half of 48
    expect(bar('viewer')).toBe('█'.repeat(12))
    expect(bar('covisit')).toBe(' '.repeat(12) + '█'.repeat(12))
    expect(bar('fine')).toBe(' '.repeat(24) + '█'.repeat(24))
    expect(lines.find((line) => line.includes('fine'))).toContain('30 %')
    expect(text).toContain('12.0 ms from arrival to slate; 3.00 ms ran beside something else')
  })

  it('says nothing wrong of a request without stages', () => {
    expect(gantt(fakeTerminal('.'), [])).toContain('0.00 ms from arrival')
  })
})
