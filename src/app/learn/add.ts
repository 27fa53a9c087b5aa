import { readFileSync, statSync } from 'node:fs'
import { SluiceError, systemClock } from '../../foundation/base/index.ts'
import { type Config, trainable } from '../../domain/index.ts'
import { type ExternalContract, externalHeads, ExternalScorer, readContract } from '../../learning/models/index.ts'
import { type ManifestInput, Registry, type Verdict, type GateLimits } from '../../learning/registry/index.ts'
import { EXTERNAL, EXTERNAL_FILE } from '../../serving/inference/index.ts'
import { folderOf } from '../folder.ts'
import { createParts } from '../parts.ts'
import { VERSION } from '../version.ts'
import { judgeExternal } from './add-judge.ts'
import type { TrainReport } from './report.ts'

/** Bytes of the largest file that is taken: it is held in memory, twice while a version replaces another. */
const BYTES_MAX = 1 << 30
/** Places of the ranking that the configuration gives to a model by name. */
const PLACES = ['coarse', 'fine', 'degraded'] as const

export interface AddOptions {
  /** Data folder. */
  readonly data: string
  readonly config: Config
  /** Name in the registry: that of no model that is trained here. */
  readonly name: string
  /** Paths of the ONNX file and of the JSON that says how it is asked: an `ExternalContract`. */
  readonly file: string
  readonly manifest: string
}

/**
 * What a model from outside is fed: its manifest for all columns, to be cut to those that it reads. A return is among the
 * heads where the objective gives it a worth.
 */
export function externalInputs(config: Config): ExternalContract {
  const { names, digest } = createParts(config, systemClock).features
  const heads = externalHeads.filter((head) => head !== 'return' || config.objective.values.return !== 0)
  return {
    features: { digest, columns: [...names] },
    input: 'features',
    outputs: [{ name: 'logits', heads }],
    values: 'logits',
    missing: 0,
  }
}

/**
 * Takes a ranking model that was trained elsewhere into the registry: checks the file against its manifest and the features
 * that are served, runs it on probes, registers it with its gates' verdicts, and makes it live when all passed and the
 * configuration gives it a place. What is no such model leaves nothing behind.
 * @throws SluiceError ERR_MODEL_ADD, ERR_MODEL_FEATURES, ERR_DISK_WRITE
 */
export async function addModel({ data, config, name, file, manifest }: AddOptions): Promise<TrainReport> {
  const began = performance.now()
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(name)) throw refused(name, 'a model is named by a-z, 0-9 and -')
  if ([...trainable, 'bootstrap'].includes(name))
    throw refused(name, 'that is the name of a ranker of this program; choose another')
  const contract = contractIn(name, manifest)
  const bytes = bytesIn(name, file)
  const { features } = createParts(config, systemClock)
  const ground = { columns: features.names, featureDigest: features.digest }
  const gates = await probed(name, contract, bytes, ground, config.learning.gates)

  const registry = new Registry(folderOf(data).models)
  const before = registry.live(name)
  const draft = registry.draft(name)
  let version: string
  try {
    draft.write(EXTERNAL_FILE, bytes)
    version = (await draft.commit(entryOf(contract, gates))).version
  } catch (error) {
    draft.discard()
    throw error
  }
  const placed = PLACES.some((place) => config.ranking[place] === name)
  const promoted = placed && gates.every(({ pass }) => pass)
  if (promoted) await registry.promote(name, version, { over: before })
  const seconds = (performance.now() - began) / 1000
  return { model: name, version, examples: 0, seconds, metrics: {}, gates, promoted }
}

const refused = (name: string, why: string, cause?: unknown) => new SluiceError('ERR_MODEL_ADD', [name, why], { cause })

function contractIn(name: string, path: string): ExternalContract {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw refused(name, `the manifest ${path} cannot be read (${(cause as Error).message})`, cause)
  }
  const read = readContract(value)
  if ('wrong' in read) throw refused(name, read.wrong)
  return read.contract
}

function bytesIn(name: string, path: string): Uint8Array {
  try {
    const { size } = statSync(path)
    if (size > BYTES_MAX) throw new RangeError(`${size} bytes are more than ${BYTES_MAX}`)
    return readFileSync(path)
  } catch (cause) {
    throw refused(name, `the file ${path} cannot be read (${(cause as Error).message})`, cause)
  }
}

async function probed(
  name: string,
  contract: ExternalContract,
  bytes: Uint8Array,
  ground: { readonly columns: readonly string[]; readonly featureDigest: string },
  limits: GateLimits,
): Promise<Verdict[]> {
  let scorer: ExternalScorer | undefined
  try {
    scorer = await ExternalScorer.open(name, contract, bytes, ground)
    return await judgeExternal(scorer, ground.columns.length, limits)
  } catch (cause) {
    if (!(cause instanceof SluiceError) || cause.code === 'ERR_MODEL_FEATURES') throw cause
    throw refused(name, reasonOf(cause), cause)
  } finally {
    await scorer?.close()
  }
}

/** What stands between the words of an error of loading or running: its way out is that of another place. */
function reasonOf({ message }: SluiceError): string {
  return message.replace(/^Cannot (load|run) the model "[^"]*": /, '').replace(/\.*( Restore its file .*)?$/s, '')
}

function entryOf(contract: ExternalContract, gates: Verdict[]): ManifestInput {
  const { features, input, outputs } = contract
  return {
    kind: EXTERNAL,
    parents: [],
    seed: 'none',
    code: VERSION,
    data: { from: 0, until: 0, samples: 'trained outside', examples: 0 },
    features: { names: features.columns, digest: features.digest },
    inputs: [{ name: input, type: 'float32', shape: ['candidates', features.columns.length] }],
    outputs: outputs.map(({ name, heads }) => ({ name, type: 'float32', shape: ['candidates', heads.length] })),
    config: { contract },
    metrics: {},
    gates,
  }
}
