import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DriftReference } from '../../judging/drift/index.ts'

/** What the features were like that a model was trained on: a file beside its manifest. */
export const REFERENCE_FILE = 'drift-reference.json'

/** The reference of a version in the registry's folder; undefined for one that has none. */
export function trainedReference(models: string, name: string, version: string): DriftReference | undefined {
  let text: string
  try {
    text = readFileSync(join(models, name, version, REFERENCE_FILE), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined // it reads no features, or comes from elsewhere
  }
  const { columns } = JSON.parse(text) as DriftReference
  return { of: `${name}/${version}`, columns }
}
