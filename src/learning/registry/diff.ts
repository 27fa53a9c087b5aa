import type { Manifest } from './manifest.ts'

export interface ManifestDiff {
  readonly from: string
  readonly to: string
  /** Fields that differ, by path, as text. */
  readonly fields: readonly { readonly field: string; readonly from: string; readonly to: string }[]
  readonly metrics: readonly {
    readonly metric: string
    readonly from: number | null
    readonly to: number | null
    readonly change: number | null
  }[]
  readonly gates: readonly { readonly gate: string; readonly from: boolean | null; readonly to: boolean | null }[]
  readonly features: { readonly added: readonly string[]; readonly removed: readonly string[] }
  readonly files: readonly { readonly file: string; readonly from: number | null; readonly to: number | null }[]
}

/** What is different between two versions. Pure. */
export function diffManifests(a: Manifest, b: Manifest): ManifestDiff {
  const plain = (manifest: Manifest) => ({
    kind: manifest.kind,
    createdAt: new Date(manifest.createdAt).toISOString(),
    parents: manifest.parents.join(', '),
    seed: manifest.seed,
    code: manifest.code,
    'data.from': String(manifest.data.from),
    'data.until': String(manifest.data.until),
    'data.samples': manifest.data.samples,
    'data.examples': String(manifest.data.examples),
    'features.digest': manifest.features.digest,
    inputs: JSON.stringify(manifest.inputs),
    outputs: JSON.stringify(manifest.outputs),
    ...settings('config', manifest.config),
  })
  const [left, right]: Record<string, string>[] = [plain(a), plain(b)]
  const fields = namesOf(left!, right!)
    .map((field) => ({ field, from: left![field] ?? '', to: right![field] ?? '' }))
    .filter(({ from, to }) => from !== to)
  const metrics = namesOf(a.metrics, b.metrics).map((metric) => {
    const from = a.metrics[metric] ?? null
    const to = b.metrics[metric] ?? null
    return { metric, from, to, change: from === null || to === null ? null : to - from }
  })
  const verdicts = [a, b].map(({ gates }) => Object.fromEntries(gates.map(({ gate, pass }) => [gate, pass])))
  const sizes = [a, b].map(({ files }) => Object.fromEntries(files.map(({ name, bytes }) => [name, bytes])))
  const held = (record: Record<string, number> | undefined, name: string) => record?.[name] ?? null
  return {
    from: `${a.name}/${a.version}`,
    to: `${b.name}/${b.version}`,
    fields,
    metrics,
    gates: namesOf(verdicts[0]!, verdicts[1]!)
      .map((gate) => ({ gate, from: verdicts[0]![gate] ?? null, to: verdicts[1]![gate] ?? null }))
      .filter(({ from, to }) => from !== to),
    features: {
      added: b.features.names.filter((name) => !a.features.names.includes(name)),
      removed: a.features.names.filter((name) => !b.features.names.includes(name)),
    },
    files: namesOf(sizes[0]!, sizes[1]!)
      .map((file) => ({ file, from: held(sizes[0], file), to: held(sizes[1], file) }))
      .filter(({ from, to }) => from !== to),
  }
}

/** Settings by their path: of a large configuration, those that differ. Lists are one value. */
function settings(path: string, value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { [path]: JSON.stringify(value) ?? '' }
  return Object.assign({}, ...Object.entries(value).map(([name, one]) => settings(`${path}.${name}`, one)))
}

/** Names in either, the first one's order first. */
function namesOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
}
