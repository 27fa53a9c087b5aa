import { expect, it } from 'vitest'
import { reportView } from './import-view.ts'
import { fakeTerminal } from './testing/terminal.ts'

const report = { rows: 4, accepted: 0, duplicate: 0, items: 0, users: 0, events: 0, seconds: 0.1 }
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
