import { SluiceError } from '../../foundation/base/index.ts'
import { writeRanker } from '../../learning/models/index.ts'
import type { Registry } from '../../learning/registry/index.ts'
import {
  exportRanker,
  LOSS_MARGIN,
  type Offer,
  type OnlineRanker,
  writeTrainable,
} from '../../learning/training/index.ts'
import { VERSION } from '../version.ts'
import { trainedAt, trainedWhole } from './trained-whole.ts'

/**
 * Registers what was learned online as a version and makes it live in the place of the one it came from. Its gate is the
 * verdict on what was held out. Undefined when another version is live by now.
 */
export async function registerOnline(
  registry: Registry,
  base: string,
  online: OnlineRanker,
  { until, offer }: { readonly until: number; readonly offer: Offer & { kind: 'update' } },
): Promise<string | undefined> {
  const { name, spec, learned: heads, calibrations, candidates } = online.manifest
  const before = registry.show(name, base)
  const draft = registry.draft(name)
  const artifact = exportRanker(name, spec, online.config, online.learned, { heads, calibrations, candidates })
  writeRanker(artifact, (file) => draft.path(file))
  writeTrainable(online.config, online.learned, (file) => draft.path(file))
  const { loss, live } = offer
  const limit = live * (1 + LOSS_MARGIN)
  const { kind, seed, features, inputs, outputs, data } = before
  const manifest = await draft.commit({
    ...{ kind, seed, features, inputs, outputs, code: VERSION },
    parents: [`${name}/${base}`],
    data: { from: data.from, until, samples: 'online', examples: data.examples + online.examples },
    config: {
      ...{ ...before.config, ranker: artifact.manifest, learntUntil: offer.update.at },
      ...{ trainedAt: trainedAt(before), whole: trainedWhole(before) },
    },
    metrics: { 'online.loss': loss, 'online.live.loss': live },
    gates: [
      {
        ...{ gate: 'online', pass: loss <= limit, value: loss, limit },
        say: `its loss on what was held out is ${loss.toFixed(5)}, that of the live version ${live.toFixed(5)}`,
      },
    ],
  })
  try {
    await registry.promote(name, manifest.version, { over: base })
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'ERR_MODEL_STATE') return undefined
    throw error
  }
  registry.retain(name, KEPT, [trainedWhole(manifest)])
  return manifest.version
}

/** Retired versions of a model that stay beside the live one, the way back, and the one that was trained as a whole. */
const KEPT = 5
