import { readFileSync } from 'node:fs'
import { SluiceError } from '../../foundation/base/index.ts'
import { type ExternalContract, readContract } from '../../learning/models/index.ts'
import type { Artifact } from '../../learning/registry/index.ts'

/** Kind of the manifest of a model from outside. */
export const EXTERNAL = 'external'
/** Its file in the registry. */
export const EXTERNAL_FILE = 'model.onnx'

/** @throws SluiceError ERR_MODEL_MANIFEST, ERR_MODEL_INVALID */
export function readExternal(artifact: Artifact): { contract: ExternalContract; file: Uint8Array } {
  const { name, version, config } = artifact.manifest
  const model = `${name}/${version}`
  const read = readContract(config['contract'])
  if ('wrong' in read)
    throw new SluiceError('ERR_MODEL_MANIFEST', [model, `does not say how it is asked: ${read.wrong}`])
  try {
    return { contract: read.contract, file: readFileSync(artifact.path(EXTERNAL_FILE)) }
  } catch (cause) {
    throw new SluiceError('ERR_MODEL_INVALID', [model, `${EXTERNAL_FILE} cannot be read`], { cause })
  }
}
