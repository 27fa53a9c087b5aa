import Type, { type Static } from 'typebox'
import { SluiceError } from '../../foundation/base/index.ts'
import { parserOf } from '../../domain/index.ts'

/** Version of the manifest's layout. Raise it when a field changes its meaning; others are then refused. */
export const MODELS_SCHEMA = 1

const Name = Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' })
const Version = Type.String({ pattern: '^[0-9]{6}$' })
const FileName = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' })

const Port = Type.Object({
  name: Type.String({ minLength: 1 }),
  type: Type.String({ description: 'float32, int32, int64 ...' }),
  shape: Type.Array(Type.Union([Type.Integer({ minimum: 0 }), Type.String()]), {
    description: 'A name stands for a dimension that is known when it runs.',
  }),
})

export const Verdict = Type.Object({
  gate: Type.String(),
  pass: Type.Boolean(),
  value: Type.Union([Type.Number(), Type.Null()], { description: 'What was measured; null when nothing was.' }),
  limit: Type.Union([Type.Number(), Type.Null()], { description: 'What it was held against.' }),
  say: Type.String({ description: 'The verdict as a sentence.' }),
})
export type Verdict = Static<typeof Verdict>

export const Manifest = Type.Object(
  {
    schema: Type.Literal(MODELS_SCHEMA),
    name: Name,
    kind: Type.String({ minLength: 1, maxLength: 64, description: 'two-tower, bst ... or external' }),
    version: Version,
    createdAt: Type.Number({ description: 'Milliseconds since 1970.' }),
    parents: Type.Array(Type.String({ maxLength: 128 }), { description: 'NAME/VERSION of what it was made from.' }),
    seed: Type.String(),
    code: Type.String({ description: 'Version of the program that trained it.' }),
    data: Type.Object({
      from: Type.Integer({ minimum: 0, description: 'First journal entry.' }),
      until: Type.Integer({ minimum: 0, description: 'One past the last.' }),
      samples: Type.String({ description: 'Digest of the samples.' }),
      examples: Type.Integer({ minimum: 0 }),
    }),
    features: Type.Object({ names: Type.Array(Type.String()), digest: Type.String() }),
    inputs: Type.Array(Port),
    outputs: Type.Array(Port),
    /** What else a program that serves it has to know: sizes, heads, calibration. */
    config: Type.Record(Type.String(), Type.Unknown()),
    metrics: Type.Record(Type.String(), Type.Number()),
    gates: Type.Array(Verdict),
    files: Type.Array(
      Type.Object({
        name: FileName,
        bytes: Type.Integer({ minimum: 0 }),
        sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
      }),
    ),
  },
  { additionalProperties: false },
)
export type Manifest = Static<typeof Manifest>
/** What a trainer says; the registry adds the rest. */
export type ManifestInput = Omit<Manifest, 'schema' | 'name' | 'version' | 'createdAt' | 'files'>

const parse = parserOf(Manifest)
const parseName = parserOf(Name)
const parseVersion = parserOf(Version)
const parseFile = parserOf(FileName)

/** @throws SluiceError ERR_MODEL_MANIFEST */
export function readManifest(model: string, text: string): Manifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new SluiceError('ERR_MODEL_MANIFEST', [model, 'is no JSON'], { cause: error })
  }
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined
  if (schema !== MODELS_SCHEMA)
    throw new SluiceError('ERR_MODEL_MANIFEST', [
      model,
      `has schema ${String(schema)}, this version reads ${MODELS_SCHEMA}`,
    ])
  const parsed = parse(value)
  if (!parsed.ok) throw new SluiceError('ERR_MODEL_MANIFEST', [model, `is wrong at ${parsed.where}: ${parsed.why}`])
  if (`${parsed.value.name}/${parsed.value.version}` !== model)
    throw new SluiceError('ERR_MODEL_MANIFEST', [
      model,
      `is that of ${parsed.value.name}/${parsed.value.version}: the folder was moved`,
    ])
  return parsed.value
}

/** @throws RangeError for what cannot be the name of a folder or file of the registry */
export function checkName(name: string): void {
  if (!parseName(name).ok) throw new RangeError(`A model is named by a-z, 0-9 and -, not "${name}"`)
}
export function checkFileName(name: string): void {
  if (!parseFile(name).ok || name === MANIFEST_FILE)
    throw new RangeError(`A file of a model is named by letters, digits, ".", "_" and "-", not "${name}"`)
}
export function isVersion(version: string): boolean {
  return parseVersion(version).ok
}

export const MANIFEST_FILE = 'manifest.json'

/** 1 -> "000001" */
export function versionName(number: number): string {
  if (!(Number.isInteger(number) && number >= 1 && number <= 999_999))
    throw new RangeError(`Versions count from 1 to 999999, not ${number}`)
  return String(number).padStart(6, '0')
}
