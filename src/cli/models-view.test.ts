import { expect, it } from 'vitest'
import { metricsView } from './metrics-view.ts'
import { diffView } from './models-diff.ts'
import { manifestView } from './models-view.ts'
import { fakeTerminal } from './testing/terminal.ts'
import { gatesView } from './train.ts'

const heads = ['click', 'watch', 'report']
const each = { known: 21_281, rate: 0.2, auc: 0.6, 'auc.low': 0.5, 'auc.high': 0.7, gauc: 0.61, logloss: 0.5 }
const metrics = Object.fromEntries([
  ['auc', 0.6],
  ...heads.flatMap((head) => Object.entries(each).map(([name, value]) => [`${head}.${name}`, value] as const)),
  ['kept', 0.995],
])

it('shows the figures of each head in a row, and those of no head by name, once', () => {
  const lines = metricsView(fakeTerminal('.'), metrics).split('\n')
  expect(lines.filter((line) => /^│ (click|watch|report) +│ +21,281 │ 0.2000 │ +0.6000 │/.test(line))).toHaveLength(3)
  expect(lines.filter((line) => line.includes('kept'))).toHaveLength(1)
  expect(lines.filter((line) => /^│ auc/.test(line))).toHaveLength(0)
  expect(lines.length).toBeLessThan(18)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
})

it('shows the interval of a head under its figure', () => {
  const lines = metricsView(fakeTerminal('.'), metrics).split('\n')
  const at = lines.findIndex((line) => line.startsWith('│ click'))
  expect(lines[at + 1]).toMatch(/^│ +│ +│ +│ 0\.500–0\.700 │ +│/)
  expect(lines).toContain('95 % intervals over users stand under the figures')
})

it('shows a version to a person: where it stands, its gates, then its figures', () => {
  const view = manifestView(fakeTerminal('.'), {
    ...({ schema: 1, state: 'live' } as const),
    ...{ name: 'bst', kind: 'bst', version: '000003', createdAt: 1_760_000_000_000, parents: [] },
    ...{
      seed: 'bst',
      code: '0.1.0',
      inputs: [],
      outputs: [],
      config: { ranker: { long: 'x'.repeat(9000) } },
      metrics,
    },
    data: { from: 0, until: 324_429, samples: '39979 requests', examples: 336_330 },
    features: { names: ['item.ctr'], digest: 'd1' },
    gates: [{ gate: 'offline', pass: true, value: 0.1, limit: 0, say: 'better than before' }],
    files: [{ name: 'model.onnx', bytes: 1_500_000, sha256: 'a'.repeat(64) }],
  })
  expect(view).toMatch(/version +bst 000003, live\n/)
  expect(view).toMatch(/learnt from +39979 requests: 336,330 examples, log entries 0 to 324,429\n/)
  expect(view).toMatch(/files +1, together 1.5 MB\n/)
  expect(view.indexOf('better than before')).toBeLessThan(view.indexOf('click'))
  expect(view.length).toBeLessThan(3000)
})

it('shows a person what differs between two versions, and nothing that is alike', () => {
  const view = diffView(fakeTerminal('.'), {
    ...{ from: 'bst/000001', to: 'bst/000002' },
    fields: [{ field: 'config.recipe.lr', from: '0.01', to: '0.02' }],
    metrics: [
      { metric: 'auc', from: 0.6, to: 0.625, change: 0.025 },
      { metric: 'auc.low', from: 0.5, to: 0.51, change: 0.01 },
      { metric: 'gauc', from: 0.7, to: 0.7, change: 0 },
      { metric: 'ece', from: null, to: 0.01, change: null },
    ],
    gates: [{ gate: 'offline', from: false, to: true }],
    features: { added: ['item.luck'], removed: [] },
    files: [{ file: 'model.onnx', from: 1_500_000, to: 3_000_000 }],
  })
  expect(view).toMatch(/^bst\/000001 and bst\/000002\nmade of\n/)
  expect(view).toMatch(/│ config\.recipe\.lr +│ 0\.01 +│ 0\.02 +│/)
  expect(view).toMatch(/│ auc +│ 0\.6000 +│ 0\.6250 +│ \+0\.0250 │/)
  expect(view).toMatch(/│ ece +│ +│ 0\.0100 +│ +│/)
  expect(view).not.toMatch(/auc\.low|gauc/)
  expect(view).toMatch(/│ offline +│ fail +│ pass +│/)
  expect(view).toMatch(/│ item\.luck +│ +│ reads it +│/)
  expect(view).toMatch(/│ model\.onnx +│ 1\.5 MB +│ 3\.0 MB +│/)
})

it('breaks the reasons of gates into lines, so that the table fits the window', () => {
  const terminal = { ...fakeTerminal('.'), width: 90 }
  const say = 'the share of events that are lost is below the limit '.repeat(6).trim()
  const view = gatesView(terminal, [{ gate: 'train/serve parity', pass: false, value: 0.1, limit: 0, say }])
  expect(Math.max(...view.split('\n').map((line) => line.length))).toBeLessThanOrEqual(90)
  expect(view.match(/below/g)).toHaveLength(6)
})
