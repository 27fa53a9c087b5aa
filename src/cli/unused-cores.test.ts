import { expect, it } from 'vitest'
import { unusedCores } from './unused-cores.ts'

it('tells of cores that make no slates, where there are some to spare and nobody has spoken of them', () => {
  expect(unusedCores(4, 0)).toBe(
    'One of 4 cores makes slates: "server: { workers: 3 }" in the configuration has 3 make them',
  )
  expect(unusedCores(64, 0)).toContain('workers: 8 ')
  expect(unusedCores(3, 0)).toBeUndefined()
  expect(unusedCores(16, 1)).toBeUndefined()
})
