import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { architecture } from '../../scripts/rooms.ts'

it('ARCHITECTURE.md shows the rooms as the checker holds them (npm run docs)', () => {
  for (const [path, text] of Object.entries(architecture())) expect(readFileSync(path, 'utf8')).toBe(text)
})
