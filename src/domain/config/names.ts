import type { Static } from 'typebox'
import { knownNames, SluiceError } from '../../foundation/base/index.ts'
import { settableModels } from '../models.ts'
import { NAME, NO_NAME } from '../shapes.ts'
import { sourceNames } from '../sources.ts'
import type { Profile } from './budgets.ts'
import { type SentencesConfig, sentenceNames } from './sentences.ts'

interface Named {
  readonly surfaces: Readonly<Record<string, unknown>>
  readonly budgets: { readonly profiles: Readonly<Record<string, Pick<Profile, 'shed'>>> }
  readonly retrieval: { readonly pins: readonly { readonly surface?: string }[] }
  readonly sentences: Static<typeof SentencesConfig>
}

/**
 * Names that are keys, looked at before the values they name: what an unknown one lacks says little.
 * @throws SluiceError ERR_CONFIG_INVALID with the place, the known names and the nearest
 */
export function requireKeys(config: unknown): void {
  for (const [name, surface] of entries(at(config, 'surfaces')))
    for (const [source] of entries(at(surface, 'sources')))
      mustName('source', source, sourceNames, `/surfaces/${name}/sources/${source}`)
  for (const [model] of entries(at(at(config, 'learning'), 'settings')))
    mustName('model that takes settings', model, settableModels, `/learning/settings/${model}`)
}

const named = new RegExp(NAME, 'u')

/**
 * Looked at before all else: what fills in defaults would lose such a key.
 * @throws SluiceError ERR_CONFIG_INVALID with the place
 */
export function requireNamed(value: unknown, where = ''): void {
  for (const [key, inner] of entries(value)) {
    if (!named.test(key)) throw new SluiceError('ERR_CONFIG_INVALID', [`${where}/${key}`, NO_NAME])
    requireNamed(inner, `${where}/${key}`)
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const at = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined)
const entries = (value: unknown): [string, unknown][] => (isObject(value) ? Object.entries(value) : [])

/**
 * Names that stand for something must be those of something: a misspelt one would be left unread.
 * @throws SluiceError ERR_CONFIG_INVALID with the place, the known names and the nearest
 */
export function requireNames({ surfaces, budgets, retrieval, sentences }: Named): void {
  for (const [name, { shed }] of Object.entries(budgets.profiles))
    for (const [index, source] of shed.entries())
      mustName('source', source, sourceNames, `/budgets/profiles/${name}/shed/${index}`)
  for (const [index, { surface }] of retrieval.pins.entries())
    if (surface !== undefined) mustName('surface', surface, Object.keys(surfaces), `/retrieval/pins/${index}/surface`)
  requireBraces(sentences, '/sentences')
  for (const [language, said] of Object.entries(sentences.languages))
    requireBraces(said, `/sentences/languages/${language}`)
}

/** What stands in braces is filled in: anything else would be shown to viewers as it stands. */
function requireBraces(said: { readonly named?: object; readonly plain?: object }, where: string): void {
  for (const kind of ['named', 'plain'] as const)
    for (const [reason, text] of Object.entries(said[kind] ?? {}) as [string, string][])
      for (const [, name = ''] of text.matchAll(/\{(.*?)\}/g)) {
        const known = kind === 'named' ? [sentenceNames[reason] as string] : []
        mustName('thing to fill in', name, known, `${where}/${kind}/${reason}`)
      }
}

function mustName(what: string, name: string, known: readonly string[], where: string): void {
  if (known.includes(name)) return
  throw new SluiceError('ERR_CONFIG_INVALID', [where, `names no ${what}: "${name}"; ${knownNames(name, known)}`])
}
