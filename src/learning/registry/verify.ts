import fs from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../../foundation/base/index.ts'
import { fingerprint } from './disk.ts'
import type { Manifest } from './manifest.ts'

/** What whoever serves a model has. */
export interface Expectation {
  /** Digest of the features that serve. */
  readonly featureDigest?: string
}

/** A version that was found to be what its manifest says. */
export interface Artifact {
  readonly manifest: Manifest
  readonly folder: string
  /** Path of one of its files. @throws RangeError for a file that the manifest does not name */
  path(file: string): string
}

/** @throws SluiceError ERR_MODEL_HASH, ERR_MODEL_FEATURES */
export async function verified(home: string, manifest: Manifest, expected: Expectation): Promise<Artifact> {
  const model = `${manifest.name}/${manifest.version}`
  const folder = join(home, manifest.version)
  const { digest } = manifest.features
  if (expected.featureDigest !== undefined && expected.featureDigest !== digest)
    throw new SluiceError('ERR_MODEL_FEATURES', [model, digest, expected.featureDigest])
  for (const { name, bytes, sha256 } of manifest.files) {
    const path = join(folder, name)
    const size = fs.statSync(path, { throwIfNoEntry: false })?.size
    if (size === undefined) throw new SluiceError('ERR_MODEL_HASH', [model, name, 'is missing'])
    if (size !== bytes) throw new SluiceError('ERR_MODEL_HASH', [model, name, `has ${size} bytes, not ${bytes}`])
    const found = await fingerprint(path).catch((cause: Error) => {
      throw new SluiceError('ERR_MODEL_HASH', [model, name, `cannot be read (${cause.message})`], { cause })
    })
    if (found.sha256 !== sha256)
      throw new SluiceError('ERR_MODEL_HASH', [model, name, 'has another content than when it was registered'])
  }
  return {
    manifest,
    folder,
    path: (file) => {
      if (!manifest.files.some(({ name }) => name === file))
        throw new RangeError(`Model ${model} has no file "${file}"`)
      return join(folder, file)
    },
  }
}
