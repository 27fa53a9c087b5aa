import { expect, test } from 'vitest'
import { completeConfig, Kinds } from '../../domain/index.ts'
import { State } from '../catalog/index.ts'
import { Features } from './index.ts'

test('an empty state gives neutral values, never NaN', () => {
  const state = new State(new Kinds())
  const features = new Features(state, completeConfig().ranking)
  state.apply({ type: 'item', item: { id: 'a' }, at: 0 })
  const out = new Float32Array(features.names.length)
  features.read({ user: -1, at: 0, surface: 'home', device: '', country: -1, language: -1 }, Uint32Array.of(0), out)
  expect(out.some(Number.isNaN)).toBe(false)
  expect(out[features.index('item.ctr')]).toBeCloseTo(0.05)
})
