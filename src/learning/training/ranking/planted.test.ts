import { describe, expect, it } from 'vitest'
import { clickAuc } from '../testing/planted.ts'

// Those who know what is planted reach 0.9: its lot is 0.9 against 0.1. Those who do not stay near 0.6, by the hint.
describe('models find what is planted', () => {
  it.each([
    ['wdl', 8],
    ['din', 3],
    ['bst', 3],
    ['bst-isolated', 3],
    ['dlrm', 3],
    ['coarse', 3],
  ] as const)('%s finds the taste', async (recipe, epochs) => {
    expect(await clickAuc(recipe, 'taste', {}, epochs)).toBeGreaterThan(0.82)
  })

  it.each([
    ['bst', 5],
    ['bst-isolated', 3],
  ] as const)('%s finds what follows the latest entry', async (recipe, epochs) => {
    expect(await clickAuc(recipe, 'order', {}, epochs)).toBeGreaterThan(0.82)
  })
})
