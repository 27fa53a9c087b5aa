import { describe, expect, it } from 'vitest'
import { clickAuc } from '../testing/planted.ts'

describe('options of the models find what is planted', () => {
  it.each([
    ['bst-isolated', { experts: 3, blocks: 2 }, 6],
    ['dlrm', { interaction: 'cross', rank: 8 }, 4],
    ['wdl', { crosses: 2 }, 8],
  ] as const)('%s learns with %o', async (recipe, network, epochs) => {
    expect(await clickAuc(recipe, 'taste', network, epochs)).toBeGreaterThan(0.82)
  })
})
