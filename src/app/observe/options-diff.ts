/** Said of an option that is not there. */
export const UNSET = 'unset'

/** An option whose value is another one. */
export interface OptionChange {
  /** Its path: `surfaces.home.rank`. */
  readonly option: string
  readonly from: string
  readonly to: string
}

/** Options that differ between two configurations, by path. A list counts as one value. */
export function optionsDiff(from: unknown, to: unknown): OptionChange[] {
  const [before, after] = [flat(from), flat(to)]
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((option) => before.get(option) !== after.get(option))
    .map((option) => ({ option, from: before.get(option) ?? UNSET, to: after.get(option) ?? UNSET }))
}

function flat(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    into.set(path, JSON.stringify(value) ?? UNSET)
  else for (const [name, inner] of Object.entries(value)) flat(inner, path === '' ? name : `${path}.${name}`, into)
  return into
}
