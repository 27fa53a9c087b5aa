import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Config, completeConfig } from '../domain/index.ts'
import { loadConfig } from './config-file.ts'
import { documents } from './documents.ts'

const root = join(dirnameOf(import.meta.url), '..', '..')

function dirnameOf(url: string): string {
  return join(fileURLToPath(url), '..')
}

describe('generated documents', () => {
  it.each(Object.entries(documents()))('%s is current: else run `npm run docs`', (path, text) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text)
  })
})

describe('the example configuration', () => {
  const example = documents()['sluice.config.example.ts']

  it('loads, and equals the defaults', async () => {
    const { config, file } = await loadConfig(root, 'sluice.config.example.ts')
    expect(file).toBe(join(root, 'sluice.config.example.ts'))
    expect(config).toEqual(completeConfig())
  })

  it('has every option with its sentence', () => {
    const options = leavesOf(Config as unknown as Schema)
    expect(options.length).toBeGreaterThan(50)
    for (const { name, description } of options) {
      expect(example).toMatch(new RegExp(`^ +${name}: `, 'm'))
      expect(description, `${name} has no sentence`).toBeTruthy()
      expect(wordsOf(example)).toContain(wordsOf(description as string))
    }
  })
})

interface Schema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
}

/** Options outside of tables, where the schema has no names. */
function leavesOf(schema: Schema): { name: string; description: string | undefined }[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    inner.properties ? leavesOf(inner) : [{ name, description: inner.description }],
  )
}

/** Without line breaks and comment signs. */
function wordsOf(text: string): string {
  return text.replace(/\s*\/\/\s*|\s+/g, ' ').trim()
}
