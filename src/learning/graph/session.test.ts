import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Graph } from './graph.ts'
import { normal } from './initialisers.ts'
import { emitModel } from './onnx/emit.ts'
import { modelProto, nodeProto } from './onnx/schema.ts'
import { Message } from './onnx/protobuf.ts'
import { initialParameters, layoutOf, parameterViews } from './parameters.ts'
import { type Provider, Session } from './session.ts'
import type { Tensor } from './tensor.ts'

function model(): { g: Graph; logits: Tensor } {
  const g = new Graph()
  const x = g.input('x', [3, 4])
  const hidden = g.linear(x, g.parameter('w', [4, 5], normal(1)), g.parameter('b', [5], normal(1)), g.relu)
  g.parameter('unused', [2])
  const i = g.input('i', [3], 'int32')
  const logits = g.linear(
    g.add(hidden, g.gatherRows(g.parameter('table', [6, 5], normal(1)), i)),
    g.parameter('v', [5, 1]),
  )
  return { g, logits }
}
const feeds = { x: Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)), i: Int32Array.of(5, 0, 5) }

describe('a model file', () => {
  it('is the same bytes for the same graph, and computes the same after a way over the disk', async () => {
    const { g, logits } = model()
    const flat = initialParameters(g, 'file')
    const fed = emitModel(g, { logits })
    const baked = emitModel(g, { logits }, { weights: flat })
    const again = model()
    expect(emitModel(again.g, { logits: again.logits }, { weights: flat })).toEqual(baked)

    const folder = mkdtempSync(join(tmpdir(), 'sluice-graph-'))
    writeFileSync(join(folder, 'model.onnx'), baked)
    const whole = await Session.open(readFileSync(join(folder, 'model.onnx')))
    rmSync(folder, { recursive: true })
    const open = await Session.open(fed)
    open.bindParameters(layoutOf(g), flat)
    const [a, b] = [await whole.run(feeds), await open.run(feeds)]
    expect(whole.inputs).toEqual([
      { name: 'x', dtype: 'float32', shape: [3, 4] },
      { name: 'i', dtype: 'int32', shape: [3] },
    ])
    expect(open.inputs.map(({ name }) => name)).toEqual(['x', 'i', 'w', 'b', 'table', 'v']) // dead ones are not in it
    for (let row = 0; row < 3; row++) expect(a['logits']?.[row]).toBeCloseTo(b['logits']?.[row] as number, 5)
    await whole.close()
    await open.close()
  })

  it('gives a tensor under several names, and inputs and constants as outputs', async () => {
    const g = new Graph()
    const x = g.input('x', [2])
    const y = g.exp(x)
    const session = await Session.open(emitModel(g, { a: y, b: y, c: x, d: g.constant(7) }))
    const out = await session.run({ x: Float32Array.of(0, 1) })
    expect(out['a']).toEqual(out['b'])
    expect([...(out['c'] as Float32Array)]).toEqual([0, 1])
    expect([...(out['d'] as Float32Array)]).toEqual([7])
    await session.close()
    expect(() => emitModel(g, { x: y })).toThrow('Cannot name an output "x": an input or parameter has that name')
  })

  it('is refused when it is damaged, with the reason', async () => {
    const { g, logits } = model()
    const bytes = emitModel(g, { logits })
    await expect(Session.open(bytes.subarray(0, bytes.length / 2), { name: 'bst v3' })).rejects.toMatchObject({
      code: 'ERR_MODEL_INVALID',
      message: expect.stringMatching(/^Cannot load the model "bst v3": .+/),
    })
    await expect(Session.open(new Uint8Array(0))).rejects.toMatchObject({ code: 'ERR_MODEL_INVALID' })
  })

  it('is refused where it cannot be computed, with the way out', async () => {
    const { g, logits } = model()
    const elsewhere = ['no such provider'] as unknown as Provider[]
    await expect(Session.open(emitModel(g, { logits }), { providers: elsewhere })).rejects.toMatchObject({
      code: 'ERR_PROVIDER',
      message: expect.stringMatching(/^Cannot compute on "no such provider": .+ set learning.provider to "cpu"$/),
    })
  })

  it('from outside may leave one axis open', async () => {
    const info = (name: string): Message => {
      const shape = new Message().message(1, new Message().text(2, 'rows')).message(1, new Message().int(1, 2))
      const type = new Message().message(1, new Message().int(1, 1).message(2, shape))
      return new Message().text(1, name).message(2, type)
    }
    const nodes = [nodeProto('Neg', ['x'], ['y'], {})]
    const bytes = modelProto('open', { nodes, initializers: [], inputs: [info('x')], outputs: [info('y')] }).finish()
    const session = await Session.open(bytes)
    expect(session.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: ['rows', 2] }])
    expect([...((await session.run({ x: Float32Array.of(1, 2, 3, 4) }))['y'] as Float32Array)]).toEqual([
      -1, -2, -3, -4,
    ])
    await expect(session.run({ x: new Float32Array(3) })).rejects.toThrow('Cannot feed "x": wanted [rows, 2], got 3')
    await session.close()
  })
})

describe('a session', () => {
  it('swaps all parameters between runs, never within one', async () => {
    const { g, logits } = model()
    const layout = layoutOf(g)
    const [old, fresh] = [initialParameters(g, 'old'), initialParameters(g, 'fresh')]
    const session = await Session.open(emitModel(g, { logits }))
    session.bindParameters(layout, old)
    const alone = await session.run(feeds)
    const before = session.run(feeds)
    session.bindParameters(layout, fresh)
    expect(await before).toEqual(alone)
    expect(await session.run(feeds)).not.toEqual(alone)
    await session.close()
  })

  it('writes a bound output in place', async () => {
    const { g, logits } = model()
    const session = await Session.open(emitModel(g, { logits }, { weights: initialParameters(g, 1) }))
    const mine = new Float32Array(3)
    const [first] = [await session.run(feeds)]
    session.bindOutput('logits', mine)
    const second = await session.run(feeds)
    expect(second['logits']).toBe(mine)
    expect([...mine]).toEqual([...(first['logits'] as Float32Array)])
    await session.close()
  })

  it('says what is missing, unknown or of the wrong kind', async () => {
    const { g, logits } = model()
    const session = await Session.open(emitModel(g, { logits }, { weights: initialParameters(g, 1) }), { name: 'm' })
    const shared = new Float32Array(new SharedArrayBuffer(48))
    await expect(session.run({ x: feeds.x })).rejects.toThrow('Cannot run the model m: input "i" is missing')
    await expect(session.run({ ...feeds, z: feeds.x })).rejects.toThrow(
      'Cannot feed "z" to the model m: its inputs are x, i',
    )
    await expect(session.run({ ...feeds, i: feeds.x })).rejects.toThrow(
      'Cannot feed "i": wanted int32 [3], got float32',
    )
    await expect(session.run({ ...feeds, x: shared })).rejects.toThrow(/shared memory/)
    expect(() => session.bindOutput('scores', feeds.x)).toThrow('Cannot bind output "scores"')
    await expect(Session.open(emitModel(g, { logits }), { outputs: ['p'] })).rejects.toThrow('Cannot fetch "p"')
    await expect(Session.open(emitModel(g, { logits }), { threads: 0 })).rejects.toThrow(RangeError)
    await expect(session.run({ ...feeds, i: Int32Array.of(0, 1, 99) })).rejects.toMatchObject({ code: 'ERR_MODEL_RUN' })
    await session.close()
    await session.close()
    await expect(session.run(feeds)).rejects.toThrow(/closed/)
  })

  it('gives the same with two threads', async () => {
    const { g, logits } = model()
    const bytes = emitModel(g, { logits }, { weights: initialParameters(g, 1) })
    const [one, two] = [await Session.open(bytes), await Session.open(bytes, { threads: 2 })]
    expect(await one.run(feeds)).toEqual(await two.run(feeds))
    await one.close()
    await two.close()
  })
})

describe('parameters', () => {
  it('lie in order of making, as views of one vector', () => {
    const { g } = model()
    const layout = layoutOf(g)
    expect(layout.size).toBe(20 + 5 + 2 + 30 + 5)
    expect(layout.slots.map(({ name, offset, length }) => [name, offset, length])).toEqual([
      ['w', 0, 20],
      ['b', 20, 5],
      ['unused', 25, 2],
      ['table', 27, 30],
      ['v', 57, 5],
    ])
    const flat = initialParameters(g, 3)
    const { b } = parameterViews(layout, flat)
    flat[20] = 42
    expect(b?.[0]).toBe(42)
  })

  it('are drawn with the promised spread', () => {
    const g = new Graph()
    g.parameter('glorot', [200, 100])
    g.parameter('normal', [100, 200], normal(0.02))
    const { glorot, normal: drawn } = parameterViews(layoutOf(g), initialParameters(g, 'spread'))
    const deviation = (v: Float32Array): number => Math.sqrt(v.reduce((s, x) => s + x * x, 0) / v.length)
    expect(Math.max(...(glorot as Float32Array))).toBeLessThanOrEqual(Math.sqrt(6 / 300))
    expect(deviation(glorot as Float32Array)).toBeCloseTo(Math.sqrt(2 / 300), 2)
    expect(deviation(drawn as Float32Array)).toBeCloseTo(0.02, 3)
  })
})
