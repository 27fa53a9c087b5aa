import { expect, it } from 'vitest'
import { fakeTerminal } from '../testing/terminal.ts'
import type { SceneReport } from './play.ts'
import { gamedayView } from './view.ts'

const scene = (name: string, more: Partial<SceneReport> = {}): SceneReport => ({
  ...{ name, faults: [], rate: 10, slates: 25, events: 9, errors: {}, eventsHeldBack: 0, p50: 9, p99: 20 },
  rungs: { full: 1 },
  quality: { slates: 9, ndcg: 0.3, value: 0.3, failed: 0, broken: 0, examples: [] },
  ...{ share: { ndcg: null, value: null }, recoverySeconds: 0.5, processorWait: 0.1 },
  ...more,
})
const view = (...scenes: SceneReport[]) => gamedayView(fakeTerminal('.'), [scene('healthy'), ...scenes])

it('says at its end that all went as designed', () => {
  expect(view(scene('index-down')).split('\n').at(-1)).toMatch(/^As designed: nothing failed/)
})

it('says which scene did not, and why', () => {
  const told = view(scene('source-down', { recoverySeconds: null }), scene('log-down', { errors: { HTTP_500: 2 } }))
  expect(told).toContain('\nsource-down: the usual rungs were not back 20 s after it')
  expect(told).toContain('\nlog-down: {"HTTP_500":2}')
  expect(told).not.toContain('As designed')
})

it('says where the machine was busy: a part that is well is late there, too', () => {
  const busy = { processorWait: 0.6 }
  expect(view(scene('index-down', busy))).toMatch(/In 1 of 2 scenes the server waited for a core more than 30 % of/)
  expect(gamedayView(fakeTerminal('.'), [scene('healthy', busy)])).toContain('In every scene the server waited')
  expect(view(scene('index-down'))).not.toContain('waited for a core')
})
