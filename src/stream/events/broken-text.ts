const HALF = /[\ud800-\udfff]/
const HALF_ALONE = /\p{Surrogate}/u

/** Does a text hold an unpaired surrogate? It would change on its way through UTF-8 and match nothing again. */
export function isBroken(text: string): boolean {
  return HALF.test(text) && HALF_ALONE.test(text)
}

/** Where a parsed record holds broken text, names of properties included, as a path like "/tags/0"; undefined: nowhere. */
export function brokenText(value: unknown, path = ''): string | undefined {
  if (typeof value === 'string') return isBroken(value) ? path || '/' : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, part] of Object.entries(value)) {
    if (isBroken(name)) return path || '/'
    const found = brokenText(part, `${path}/${name}`)
    if (found !== undefined) return found
  }
  return undefined
}
