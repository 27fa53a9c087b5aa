import { diffManifests, type ManifestDiff, Registry } from '../../learning/registry/index.ts'
import { folderOf } from '../folder.ts'

/** The models of a data folder. */
export function openRegistry(data: string): Registry {
  return new Registry(folderOf(data).models)
}

/** What differs between two versions of a model. @throws SluiceError ERR_MODEL_UNKNOWN */
export function diffModels(registry: Registry, model: string, from: string, to: string): ManifestDiff {
  return diffManifests(registry.show(model, from), registry.show(model, to))
}
