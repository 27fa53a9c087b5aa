import { readFileSync } from 'node:fs'
import { SluiceError } from '../../foundation/base/index.ts'
import { type SequenceConfig, type SequenceModel, sequenceFile } from '../../learning/models/index.ts'
import type { Artifact, Draft } from '../../learning/registry/index.ts'

/** Name under which sequence models are registered, and the source that they answer as. */
export const SEQUENCE = 'sequence'

const FILES = { model: 'model.onnx', parameters: 'parameters.f32', table: 'items.f32', ids: 'items.json' } as const

/** What a manifest's `config` says of a sequence model. */
export interface SequenceManifestConfig {
  readonly model: SequenceConfig
  readonly items: number
  /** Items at the end of each history that were not learnt: with one or more, leave-one-out may judge it. */
  readonly held: number
  /** Milliseconds: nothing was read from this moment on, so a time split from there may judge it. */
  readonly heldFrom?: number
}

/** Writes a trained model: the encoder for any runtime, its parameters, the items' vectors and whose they are. */
export function writeSequence(draft: Draft, model: SequenceModel, ids: readonly string[]): void {
  draft.write(FILES.model, sequenceFile(model))
  draft.write(FILES.parameters, bytesOf(model.parameters))
  draft.write(FILES.table, bytesOf(model.table))
  draft.write(FILES.ids, JSON.stringify(ids))
}

/**
 * Reads a model back from the files of a version (or of a draft).
 * @throws SluiceError ERR_MODEL_MANIFEST when sizes do not fit what the manifest says
 */
export function readSequence(
  name: string,
  config: SequenceManifestConfig,
  path: (file: string) => string,
): { model: SequenceModel; ids: string[] } {
  const ids = JSON.parse(readFileSync(path(FILES.ids), 'utf8')) as string[]
  const table = floatsOf(readFileSync(path(FILES.table)))
  const parameters = floatsOf(readFileSync(path(FILES.parameters)))
  if (ids.length !== config.items || table.length !== config.items * config.model.width) {
    const found = `${ids.length} ids and ${table.length} numbers`
    throw new SluiceError('ERR_MODEL_MANIFEST', [name, `says ${config.items} items; the files hold ${found}`])
  }
  return { model: { config: config.model, items: config.items, parameters, table }, ids }
}

export function readSequenceArtifact(artifact: Artifact): { model: SequenceModel; ids: string[] } {
  const { name, version, config } = artifact.manifest
  return readSequence(`${name}/${version}`, config as unknown as SequenceManifestConfig, (file) => artifact.path(file))
}

function bytesOf(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength)
}

function floatsOf(bytes: Buffer): Float32Array {
  return new Float32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength - (bytes.byteLength % 4)),
  )
}
