import { describe, expect, it } from 'vitest'
import { Graph } from './graph.ts'
import { scalarOf } from './tensor.ts'

describe('simplification', () => {
  const g = new Graph()
  const x = g.input('x', [2, 3])
  const y = g.input('y', [2, 3])

  it('leaves out what changes nothing', () => {
    expect(g.add(x, 0)).toBe(x)
    expect(g.add(0, x)).toBe(x)
    expect(g.sub(x, 0)).toBe(x)
    expect(g.mul(1, x)).toBe(x)
    expect(g.div(x, 1)).toBe(x)
    expect(g.neg(g.neg(x))).toBe(x)
    expect(g.power(x, 1)).toBe(x)
    expect(g.reshape(x, [2, 3])).toBe(x)
    expect(g.reshape(g.reshape(x, [6]), [2, 3])).toBe(x)
    expect(g.transpose(g.transpose(x, [1, 0]), [1, 0])).toBe(x)
    expect(g.broadcastTo(x, [2, 3])).toBe(x)
    expect(g.concat([x], 0)).toBe(x)
    expect(g.split(x, [3])[0]).toBe(x)
    expect(g.slice(x, 1, 0, 3)).toBe(x)
    expect(g.sum(x, [])).toBe(x)
  })

  it('rewrites to what costs less', () => {
    expect(g.sub(0, x)).toBe(g.neg(x))
    expect(g.add(x, g.neg(y))).toBe(g.sub(x, y))
    expect(g.sub(x, g.neg(y))).toBe(g.add(x, y))
    expect(g.mul(x, -1)).toBe(g.neg(x))
    expect(g.mul(g.mul(x, 2), 3)).toBe(g.mul(x, 6))
    expect(g.mul(x, g.broadcastTo(2, [2, 3]))).toBe(g.mul(x, 2))
    expect(g.matmul(x, g.transpose(y, [1, 0]))).toBe(g.matmul(x, y, { transposeB: true }))
    expect(g.power(x, 2)).toBe(g.square(x))
    expect(scalarOf(g.mul(g.add(1, 2), g.neg(0.5)))).toBe(-1.5)
  })

  it('keeps what would change the shape', () => {
    const scalar = g.input('scalar', [])
    expect(g.add(scalar, g.broadcastTo(0, [2, 3])).shape).toEqual([2, 3])
    expect(g.mul(scalar, g.broadcastTo(1, [2, 3])).shape).toEqual([2, 3])
    expect(g.mul(g.broadcastTo(scalar, [4, 2, 3]), x).shape).toEqual([4, 2, 3])
    expect(g.transpose(g.transpose(g.input('z', [2, 3, 4]), [1, 2, 0]), [1, 2, 0]).shape).toEqual([4, 2, 3])
  })

  it('shares equal constants and equal nodes', () => {
    expect(g.causalMask(5)).toBe(g.causalMask(5))
    expect(g.constant(Float32Array.of(1, 2))).not.toBe(g.constant(Int32Array.of(1, 2)))
    expect(g.constant(Float32Array.of(1, 2), [1, 2])).not.toBe(g.constant(Float32Array.of(1, 2)))
    expect(g.sum(x, [-1])).toBe(g.sum(x, [1]))
    expect(g.sum(x, [1], { keep: true })).not.toBe(g.sum(x, [1]))
  })
})

describe('refusals name the shapes', () => {
  const g = new Graph()
  const x = g.input('x', [2, 3])
  const i = g.input('i', [2], 'int32')

  const refused: [string, () => unknown, string][] = [
    ['add', () => g.add(x, g.input('a', [2, 4])), 'Cannot broadcast [2, 3] with [2, 4]: 3 meets 4'],
    ['matmul', () => g.matmul(x, x), 'Cannot multiply [2, 3] and [2, 3]: 3 columns meet 2 rows'],
    ['reshape', () => g.reshape(x, [4]), 'Cannot reshape [2, 3] to [4]: the sizes differ'],
    ['transpose', () => g.transpose(x, [0, 0]), 'Cannot transpose [2, 3] by [0, 0]: not a permutation'],
    ['axis', () => g.sum(x, [2]), 'Cannot use axis 2 of a tensor with 2 axes'],
    ['split', () => g.split(x, [1, 1]), 'Cannot split axis 1 of [2, 3] into 1 + 1'],
    ['slice', () => g.slice(x, 1, 2, 4), 'Cannot slice [2, 3] from [0, 2] to [2, 4]'],
    [
      'concat',
      () => g.concat([x, g.input('c', [3, 4])]),
      'Cannot concatenate float32 [2, 3], float32 [3, 4] along axis 1: they differ elsewhere',
    ],
    ['type', () => g.relu(i), 'Cannot relu int32 [2]: operand 1 must be float32'],
    ['equal', () => g.equal(x, i), 'Cannot compare float32 [2, 3] with int32 [2]'],
    ['columns', () => g.gatherColumns(x, [3]), 'Cannot gather columns [3] of [2, 3]'],
    ['name', () => g.parameter('x', [1]), 'Cannot name a second tensor "x": hold on to the first to share it'],
    ['inner name', () => g.input('%1', [1]), 'Cannot name a tensor "%1": % is for inner names'],
    ['empty axis', () => g.input('e', [0]), 'Cannot make input "e" of shape [0]: every axis is a whole number above 0'],
    ['foreign', () => g.relu(new Graph().input('x', [1])), 'Cannot use a tensor of another graph'],
    ['constant', () => g.constant(Float32Array.of(1, 2), [3]), 'Cannot make a constant of shape [3] from 2 values'],
    [
      'norm',
      () => g.layerNorm(x, g.input('n', [2]), g.input('m', [3])),
      'Cannot normalise [2, 3] with gain or shift [2]',
    ],
    [
      'bias',
      () => g.attention(x, x, x, g.input('bias', [2, 2, 2])),
      'Cannot add a bias [2, 2, 2] to attention scores [2, 2]',
    ],
  ]
  for (const [name, act, message] of refused) it(name, () => expect(act).toThrow(message))
})
