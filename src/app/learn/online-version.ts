import { SluiceError } from '../../foundation/base/index.ts'
import type { Draft, Registry } from '../../learning/registry/index.ts'
import { LOSS_MARGIN, type Offer } from '../../learning/training/index.ts'
import { VERSION } from '../version.ts'
import { trainedAt, trainedWhole } from './trained-whole.ts'

/** What is registered of a model that learned on. */
export interface LearnedOnline {
  readonly examples: number
  /** Writes the files of a version as of a moment; gives what its manifest says of the model. */
  write(draft: Draft, at: number): Readonly<Record<string, unknown>>
}

/**
 * Registers what was learned online as a version and makes it live in the place of the one it came from. Its gate is the
 * verdict on what was held out. Undefined when another version is live by now.
 */
export async function registerOnline(
  registry: Registry,
  { model: name, base }: { readonly model: string; readonly base: string },
  learned: LearnedOnline,
  { until, offer }: { readonly until: number; readonly offer: Offer & { kind: 'update' } },
): Promise<string | undefined> {
  const before = registry.show(name, base)
  const draft = registry.draft(name)
  const config = learned.write(draft, offer.update.at)
  const { loss, live } = offer
  const limit = live * (1 + LOSS_MARGIN)
  const { kind, seed, features, inputs, outputs, data } = before
  const manifest = await draft.commit({
    ...{ kind, seed, features, inputs, outputs, code: VERSION },
    parents: [`${name}/${base}`],
    data: { from: data.from, until, samples: 'online', examples: data.examples + learned.examples },
    config: { ...before.config, ...config, trainedAt: trainedAt(before), whole: trainedWhole(before) },
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
