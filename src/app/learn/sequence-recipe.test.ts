import { expect, it } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import { sequenceRecipe } from './sequence-recipe.ts'

const near = { starts: Uint32Array.from([0, 2]), item: Uint32Array.from([4, 5]) }
const none = { starts: new Uint32Array(2), item: new Uint32Array(0) }
const asked = { config: completeConfig({ learning: { negatives: { sequenceHard: 64 } } }) }
const byDefault = { config: completeConfig() }
const sampled = { kind: 'sampled', negatives: 1024 }

it.each([
  ['learns against all items where they are few', asked, { items: 12_000, near }, { kind: 'full' }],
  ['draws of many', asked, { items: 12_001 }, sampled],
  ['adds the near misses that are asked for', asked, { items: 12_001, near }, { ...sampled, hard: 64 }],
  ['adds none where the served log knew none', asked, { items: 12_001, near: none }, sampled],
  ['adds none by default', byDefault, { items: 12_001, near }, sampled],
] as const)('%s', (_, options, histories, loss) => {
  expect(sequenceRecipe(options, histories, 's')).toEqual({ seed: 's', loss })
})
