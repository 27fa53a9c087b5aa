import { expect, it } from 'vitest'
import { reportView } from './import-view.ts'
import { fakeTerminal } from './testing/terminal.ts'

const counts = { rows: 4, accepted: 0, duplicate: 0, items: 0, users: 0, events: 0 }
const report = { ...counts, changed: { items: 0, users: 0 }, seconds: 0.1 }
const why = 'items.jsonl line 4: /attributes/price must be a number, a text or a truth value, and it is a list of lists'

it('shows the whole first example of each code, broken at spaces', () => {
  const rejected = { ERR_RECORD_INVALID: 4 }
  const view = reportView(fakeTerminal('.'), { ...report, rejected, examples: { ERR_RECORD_INVALID: [why] } }, 'shop')
  const shown = view.split('\n').map((line) => line.split('│').at(-2)?.trim())
  expect(shown.join(' ')).toContain(why)
  expect(Math.max(...view.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
})

it('leads to a server only when there is something to serve', () => {
  const terminal = fakeTerminal('.')
  const none = reportView(terminal, { ...report, rejected: { ERR_ROW_JSON: 4 }, examples: {} }, 'shop')
  expect(none).not.toContain('sluice up')
  expect(none).toContain('mend what the examples name')
  const there = reportView(terminal, { ...report, duplicate: 4, rejected: {}, examples: {} }, 'shop')
  expect(there).toContain('Next: npx sluice up --data shop')
})

it('says from when to when the events are: times in a wrong unit show at a glance', () => {
  const span = { from: Date.UTC(2024, 0, 1, 12), to: Date.UTC(2024, 2, 31) }
  const text = reportView(
    fakeTerminal('/'),
    { ...report, rejected: {}, examples: {}, accepted: 4, events: 4, span },
    'data',
  )
  expect(text).toContain('The events are from 2024-01-01 to 2024-03-31.')
  expect(
    reportView(fakeTerminal('/'), { ...report, rejected: {}, examples: {}, accepted: 4, items: 4 }, 'data'),
  ).not.toContain('The events')
})

it('says what was added, what was changed and what was there before', () => {
  const said = (given: object) =>
    reportView(fakeTerminal('/'), { ...report, rejected: {}, examples: {}, ...given }, 'shop')
      .split('\n')
      .at(-2)
  expect(said({ accepted: 4, items: 1, events: 3 })).toBe('Added 1 item and 3 events to shop in 0.1 s.')
  expect(said({ accepted: 2, duplicate: 2, items: 1, changed: { items: 1, users: 0 } })).toBe(
    'Added 1 item to shop in 0.1 s. Changed 1 item. 2 rows were there before, just so.',
  )
  expect(said({ duplicate: 1 })).toBe('Added nothing to shop in 0.1 s. 1 row was there before, just so.')
})
