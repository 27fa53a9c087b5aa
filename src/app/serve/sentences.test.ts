import { afterAll, beforeAll, expect, it } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { completeConfig, type ConfigInput } from '../../domain/index.ts'
import { createEngine } from '../create-engine.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-sentences-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const shop: ConfigInput = {
  sentences: {
    named: { match: 'Found for {query}: $& {query}' },
    languages: { de: { named: { match: 'Passt zu {query}' } }, 'pt-BR': { named: { match: 'Achado: {query}' } } },
  },
}

async function reasonsOf(name: string, input: ConfigInput, contexts: readonly (string | undefined)[]) {
  const engine = createEngine({ data: join(folder, name), config: completeConfig(input), serves: false })
  await engine.open()
  try {
    await engine.putItems([{ id: 'a', title: 'Red shoes' }])
    await engine.putUsers([{ id: 'anna', language: 'de' }])
    const of = async (more: object) =>
      (await engine.slate({ surface: 'search', query: 'shoes', ...more })).items[0]?.reason
    const said = []
    for (const language of contexts) said.push(await of(language === undefined ? {} : { context: { language } }))
    return { said, anna: await of({ user: 'anna' }) }
  } finally {
    await engine.close()
  }
}

it('says what it always said where nothing is configured', async () => {
  expect(await reasonsOf('usual', {}, [undefined, 'de'])).toMatchObject({
    said: ['Matches "shoes"', 'Matches "shoes"'],
  })
})

it('speaks as configured, in the language of the request or of the profile, and fills in names as they are', async () => {
  expect(await reasonsOf('own', shop, [undefined, 'pt-br', 'de-AT', 'DE', 'fr'])).toEqual({
    said: [
      'Found for shoes: $& shoes',
      'Achado: shoes',
      'Passt zu shoes',
      'Passt zu shoes',
      'Found for shoes: $& shoes',
    ],
    anna: 'Passt zu shoes',
  })
})

it.each([
  [
    { named: { taste: 'Because you bought {itme}' } },
    /named\/taste names no thing to fill in: "itme"; did you mean "item"/,
  ],
  [{ plain: { popular: 'Popular in {country}' } }, /plain\/popular names no thing to fill in: "country"; known: none/],
  [{ languages: { de: { named: { creator: 'Von {query}' } } } }, /languages\/de\/named\/creator .* known: creator/],
  [{ plain: { populr: 'x' } }, /plain\/populr is not a known property: did you mean "popular"/],
])('refuses %j', (sentences, says) => {
  expect(() => completeConfig({ sentences } as ConfigInput)).toThrow(says)
})
