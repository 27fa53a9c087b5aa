import { SluiceError } from '../../foundation/base/index.ts'
import { layoutOf } from '../graph/index.ts'
import { type SequenceConfig, sequenceServing } from './sequence.ts'
import { type SequenceModel, sequenceFile } from './sequence-encoder.ts'

const FORMAT = 1

/**
 * A trained model as files for the registry: `sequence.json`, `parameters.f32` and `items.f32` are what `sequenceModelOf`
 * reads again (little-endian floats); `encoder.onnx` is for other runtimes.
 */
export function sequenceFiles(model: SequenceModel): Record<string, Uint8Array> {
  const { config, items, parameters, table } = model
  return {
    'sequence.json': Buffer.from(`${JSON.stringify({ format: FORMAT, items, config }, null, 2)}\n`),
    'parameters.f32': bytesOf(parameters),
    'items.f32': bytesOf(table),
    'encoder.onnx': sequenceFile(model),
  }
}

/**
 * @param read the bytes of one of the files
 * @throws SluiceError ERR_MODEL_INVALID when they do not fit together
 */
export function sequenceModelOf(read: (file: string) => Uint8Array): SequenceModel {
  const invalid = (why: string, cause?: unknown): SluiceError =>
    new SluiceError('ERR_MODEL_INVALID', ['sequence', why], { cause })
  let said: { format?: unknown; items?: unknown; config?: unknown }
  try {
    said = JSON.parse(Buffer.from(read('sequence.json')).toString('utf8'))
  } catch (cause) {
    throw invalid('sequence.json is no JSON', cause)
  }
  const { format, items, config } = said
  if (format !== FORMAT) throw invalid(`its format is ${String(format)}, this version reads ${FORMAT}`)
  let size: number
  try {
    size = layoutOf(sequenceServing(config as SequenceConfig).graph).size
  } catch (cause) {
    throw invalid('sequence.json does not describe a model', cause)
  }
  const { width } = config as SequenceConfig
  const floats = (file: string, wanted: number): Float32Array => {
    const bytes = read(file)
    if (bytes.length !== wanted * 4) throw invalid(`${file} has ${bytes.length} bytes, not ${wanted * 4}`)
    return new Float32Array(bytes.slice().buffer)
  }
  return {
    config: config as SequenceConfig,
    items: Number(items),
    parameters: floats('parameters.f32', size),
    table: floats('items.f32', Number(items) * width),
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength).slice()
