import { degradation } from './degradation.ts'
import { openApi } from './openapi.ts'
import { reference } from './reference.ts'

/** The generated documents of the interface by path: written by `scripts/docs.ts`, compared by a test. */
export async function documents(version: string): Promise<Readonly<Record<string, string>>> {
  return {
    'docs/openapi.json': `${JSON.stringify(await openApi(version), null, 1)}\n`,
    'docs/reference/http.md': reference(),
    'docs/reference/degradation.md': degradation(),
  }
}
