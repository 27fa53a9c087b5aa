import { expect, it } from 'vitest'
import { manualClock } from '../foundation/base/index.ts'
import { progressView } from './progress.ts'
import { fakeTerminal } from './testing/terminal.ts'

it('tells of phases that took their time, and of all where each counts', () => {
  const told = (briefMs?: number) => {
    const clock = manualClock()
    const terminal = fakeTerminal('.')
    const view = progressView(terminal, { clock, ...(briefMs === undefined ? {} : { briefMs }) })
    view.show({ phase: 'open', done: 0, total: 0 })
    clock.advance(20)
    view.show({ phase: 'replay', done: 5, total: 500 })
    clock.advance(3000)
    view.show({ phase: 'replay', done: 500, total: 500 })
    view.end()
    return terminal.printed.err
  }
  expect(told()).toBe('Replaying the log: 500 of 500 in 3.0 s\n')
  expect(told(0)).toBe('Opening the folder: done in 0.0 s\nReplaying the log: 500 of 500 in 3.0 s\n')
})
