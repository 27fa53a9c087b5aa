import { describe, expect, it } from 'vitest'
import { toyFacts, toySamples } from '../testing/toy-samples.ts'
import {
  checkSettings,
  configOf,
  draws,
  grid,
  parseSetting,
  parseSpace,
  promoted,
  rankerTries,
  rungsOf,
  sequenceChoices,
  type Settings,
  type SweepTask,
  sweep,
  towerChoices,
  type TrainedModel,
  type Trial,
} from './index.ts'

describe('a space', () => {
  it('is read from words and from a file', () => {
    expect(parseSetting('bst', 'lr=0.001,0.003')).toEqual(['denseRate', [0.001, 0.003]])
    expect(parseSetting('bst', 'network.blocks=1..3')).toEqual(['network.blocks', { low: 1, high: 3 }])
    expect(parseSetting('bst', 'calibration=platt')).toEqual(['calibration', ['platt']])
    expect(parseSetting('bst', 'network.hidden=[256,128,64],[128,64]')).toEqual([
      'network.hidden',
      [
        [256, 128, 64],
        [128, 64],
      ],
    ])
    expect(parseSetting('bst', 'network.hidden=[64]')).toEqual(['network.hidden', [[64]]])
    expect(parseSpace('bst', { 'network.hidden': [[64, 32], [32]] })).toEqual({ 'network.hidden': [[64, 32], [32]] })
    expect(parseSpace('bst', { width: 16, tableRate: { low: 0.01, high: 0.1 } })).toEqual({
      width: [16],
      tableRate: { low: 0.01, high: 0.1 },
    })
  })

  it.each([
    ['speed=1', /^Cannot set speed=1: known: .* and network.NAME$/],
    ['model=din', /known: lr, dim, history, width/],
    ['lr', /NAME=VALUE/],
    ['lr=3..1', /^Cannot set lr: a range needs two numbers, the lower first/],
  ])('says what is wrong with %s', (text, why) => {
    expect(() => parseSetting('bst', text)).toThrow(why)
  })

  it('says which short name stands for a setting that is wrong', () => {
    expect(() => checkSettings('bst', { lr: -1 })).toThrow(/denseRate must be above 0, not -1 \(lr is denseRate\)$/)
    expect(() => parseSpace('sequence', { dim: { low: 3, high: 1 } })).toThrow(/^Cannot set dim: a range needs/)
    expect(() => checkSettings('bst', { 'network.constructor': 1 })).toThrow('network.constructor is not known to bst')
  })

  it.each<[TrainedModel, string, string]>([
    ['sequence', 'speed=1', 'Cannot set speed=1: known: lr, dim, width, length, blocks, heads,'],
    ['sequence', 'network.blocks=1', 'Cannot set network.blocks=1: known: lr, dim, width'],
    ['two-tower', 'blocks=1', 'network.blocks'],
    ['two-tower', 'logq=false', 'did you mean "logQ"?'],
    ['two-tower', 'casesMax=1', 'known: lr, dim, history, width, batch, uniform, hard, inBatch, logQ'],
    ['coarse', 'width=8', 'coarse takes no settings'],
  ])('says what %s takes, when asked for %s', (model, text, why) => {
    expect(() => parseSetting(model, text)).toThrow(why)
  })

  it('sets what a retrieval model is made of, within its range', () => {
    expect(parseSetting('sequence', 'lr=0.002')).toEqual(['rate', [0.002]])
    expect(sequenceChoices({ width: 32, heads: 4, dropout: 0.2, lr: 0.002, epochs: 3 })).toEqual({
      ...{ rate: 0.002, epochs: 3 },
      model: { width: 32, heads: 4, dropout: 0.2 },
    })
    expect(towerChoices({ 'network.blocks': 0, dim: 16, logQ: false, uniform: 0.5, denseRate: 0.01 })).toEqual({
      ...{ width: 16, logQ: false, uniform: 0.5, denseRate: 0.01 },
      network: { blocks: 0 },
    })
    expect(sequenceChoices({})).toEqual({})
    expect(towerChoices({})).toEqual({})
  })

  it.each<[TrainedModel, Settings, string]>([
    ['sequence', { width: 30 }, 'Cannot set {"width":30}: width must be a multiple of 4 and of the 2 heads, not 30'],
    ['sequence', { width: 32, heads: 5 }, 'width must be a multiple of 4 and of the 5 heads, not 32'],
    ['sequence', { dropout: 1 }, 'dropout must be from 0 to below 1, not 1'],
    ['sequence', { rate: 'fast' }, 'rate must be above 0, not fast'],
    ['sequence', { epochs: 0.5 }, 'epochs must be a whole number from 1, not 0.5'],
    ['sequence', { gated: 1 }, 'gated must be true or false, not 1'],
    ['sequence', { feedForward: 'gelu' }, 'feedForward must be "relu" or "swiglu", not gelu'],
    ['two-tower', { logQ: 'off' }, 'logQ must be true or false, not off'],
    ['two-tower', { uniform: -1 }, 'uniform must be a number from 0, not -1'],
    ['two-tower', { uniform: 0, inBatch: false }, 'Cannot train without negatives'],
    ['two-tower', { 'network.positions': 'late' }, 'network.positions must be none, time, order, both, not late'],
    ['two-tower', { 'network.heads': 3 }, 'width must be a multiple of 4 and of the 3 heads, not 32'],
    ['two-tower', { tableRate: 0 }, 'tableRate must be above 0, not 0'],
  ])('refuses for %s what is out of range: %o', (model, settings, why) => {
    expect(() => checkSettings(model, settings)).toThrow(why)
  })

  it('says what a model would not take, before anything is trained', () => {
    expect(() => configOf('wdl', { width: 16, epochs: 0 })).toThrow(/epochs must be a whole number from 1, not 0/)
    expect(() => configOf('wdl', { 'network.hidden': [128, 0] })).toThrow(
      /network.hidden must be a list .*, not \[128,0\]/,
    )
    expect(() => configOf('wdl', { 'network.hidden': 128 })).toThrow(/network.hidden must be a list of whole numbers/)
    expect(() => configOf('bst', { 'network.blocks': 1.5 })).toThrow(
      /network.blocks must be a whole number from 1, not 1.5/,
    )
    expect(() => configOf('bst', { 'network.positions': 2 })).toThrow(
      /network.positions must be none, time, order, both, not 2/,
    )
    expect(() => configOf('wdl', { 'network.blocks': 2 })).toThrow(/network.blocks is not known to wdl: it has hidden/)
    expect(() => configOf('dlrm', { 'network.interaction': 'dots' })).toThrow(/must be dot, cross, not "dots"/)
    expect(() => configOf('bst', { 'network.blocks': 0 })).toThrow(
      /network.blocks must be a whole number from 1, not 0/,
    )
    expect(configOf('bst', { 'network.experts': 0 })).toEqual({ network: { experts: 0 } })
    expect(() => configOf('wdl', { width: 15 })).toThrow(/width must be a multiple of 4, not 15/)
    expect(() => configOf('bst', { 'network.heads': 3 })).toThrow(/a multiple of 4 and of the 3 heads, not 32/)
    expect(() => configOf('wdl', { calibration: 'foo' })).toThrow(/calibration must be none, platt, isotonic, not foo/)
    expect(() => configOf('wdl', { patience: -1 })).toThrow(/patience must be a whole number from 0/)
    for (const model of ['wdl', 'two-tower'] as const)
      expect(() => checkSettings(model, { history: 51 })).toThrow(/history must be a whole number from 1 to 50/)
    expect(() => parseSpace('bst', [1])).toThrow(/an object/)
    expect(configOf('bst', { 'network.blocks': 2, denseRate: 0.01 })).toEqual({
      denseRate: 0.01,
      network: { blocks: 2 },
    })
  })

  it('gives every combination, or seeded draws within its ranges', () => {
    expect(grid({ width: [8, 16], denseRate: [1, 2, 3] })).toHaveLength(6)
    expect(() => grid({ width: { low: 1, high: 2 } })).toThrow(/needs values/)
    const space = { denseRate: { low: 1e-4, high: 1e-1 }, history: { low: 5, high: 9 }, width: [8, 16] } as const
    const drawn = draws(space, 200, 1)
    expect(drawn).toEqual(draws(space, 200, 1))
    expect(drawn).not.toEqual(draws(space, 200, 2))
    // By factors: the middle of the draws is near the geometric mean of the ends, 0.00316.
    const rates = drawn.map(({ denseRate }) => denseRate as number).sort((a, b) => a - b)
    expect(Math.log10(rates[100] as number)).toBeCloseTo(-2.5, 0)
    expect(new Set(drawn.map(({ history }) => history))).toEqual(new Set([5, 6, 7, 8, 9]))
    expect(draws({ width: [8, 16] }, 10, 1)).toHaveLength(2)
  })
})

describe('successive halving', () => {
  it('gives a third of the trials three times the data', () => {
    expect(rungsOf(9)).toEqual([
      { share: 1 / 9, trials: 9 },
      { share: 1 / 3, trials: 3 },
      { share: 1, trials: 1 },
    ])
    expect(rungsOf(1)).toEqual([{ share: 1, trials: 1 }])
    expect(rungsOf(5).map(({ trials }) => trials)).toEqual([5, 2])
  })

  it('promotes the best, ties by number, and never what diverged', () => {
    const values = new Map([
      [0, 0.5],
      [1, null],
      [2, 0.7],
      [3, 0.5],
    ])
    expect(promoted(values, 2)).toEqual([0, 2])
    expect(promoted(values, 9)).toEqual([0, 2, 3])
  })
})

describe('sweep', () => {
  // Only the embeddings' rate tells them apart: two do not learn what is planted.
  const candidates = [{ tableRate: 1e-7 }, { tableRate: 0.1 }, { tableRate: 1e-8 }]
  const task: SweepTask = {
    candidates,
    tries: rankerTries({
      ...{ recipe: 'din', samples: toySamples('taste', 900), facts: toyFacts },
      config: {
        width: 8,
        history: 8,
        requests: 16,
        epochs: 4,
        patience: 0,
        network: { hidden: [16] },
        denseRate: 5e-3,
        warmup: 5,
      },
    }),
  }

  it('finds the setting that learns, and goes on where it was stopped to the same result', async () => {
    const whole = await sweep(task)
    expect(whole.trials.map(({ trial, rung }) => [trial, rung])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [1, 1],
    ])
    expect(whole.best).toMatchObject({ trial: 1, rung: 1, share: 1, settings: { tableRate: 0.1 } })

    const stop = new AbortController()
    const kept: Trial[] = []
    const onTrial = (trial: Trial) => {
      kept.push(trial)
      if (kept.length === 2) stop.abort()
    }
    expect((await sweep({ ...task, signal: stop.signal, onTrial })).best).toBeUndefined()
    const rest: Trial[] = []
    const again = await sweep({ ...task, done: kept, onTrial: (trial) => rest.push(trial) })
    expect(rest).toHaveLength(2)
    const plain = ({ seconds: _, ...trial }: Trial) => trial
    expect(again.trials.map(plain)).toEqual(whole.trials.map(plain))
  })
})
