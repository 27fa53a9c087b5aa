import { SluiceError } from '../../foundation/base/index.ts'
import type { Config } from '../../domain/index.ts'
import type { Registry } from '../../learning/registry/index.ts'
import { EXTERNAL, RANKER } from '../../serving/inference/index.ts'

/** What was put into the shadow, and of what. */
export interface ShadowReport {
  readonly model: string
  readonly shadow: string
  /** Missing: no version is live, and the ranker set by hand ranks. */
  readonly live?: string
  /** Share of the slates that it is asked for. */
  readonly share: number
}

/**
 * Puts a version into the shadow of the live one; without a version, the latest that is not live. A server on the folder asks
 * it within a second.
 * @throws SluiceError ERR_MODEL_UNKNOWN, ERR_MODEL_STATE for a model that cannot be asked so, and what `Registry.load` throws
 */
export async function shadowModel(
  registry: Registry,
  { ranking }: Pick<Config, 'ranking'>,
  model: string,
  version?: string,
): Promise<ShadowReport> {
  const chosen = version ?? latestOf(registry, model)
  const { kind } = registry.show(model, chosen)
  const refuse = (why: string) => new SluiceError('ERR_MODEL_STATE', ['shadow', `${model}/${chosen}`, why])
  if (kind !== RANKER && kind !== EXTERNAL)
    throw refuse(
      `it finds candidates and does not rank them. A new index of it is asked beside the live one by itself before it serves: sluice index show ${model}`,
    )
  const { fine, coarse, degraded } = ranking
  if (model !== fine && model !== coarse && model !== degraded)
    throw refuse(
      `the configuration gives it no place: ranking.fine is ${fine}, ranking.coarse is ${coarse}, ranking.degraded is ${degraded}. Name it there, or give --config`,
    )
  await registry.shadow(model, chosen)
  const live = registry.live(model)
  return { model, shadow: chosen, ...(live !== undefined && { live }), share: ranking.shadowShare }
}

/**
 * Ends what `shadowModel` began, and says which version it was.
 * @throws SluiceError ERR_MODEL_UNKNOWN, ERR_MODEL_STATE when no version, or another one, is in the shadow
 */
export function endShadow(registry: Registry, model: string, version?: string): string {
  const current = registry.shadowOf(model)
  if (version !== undefined) registry.show(model, version)
  else if (registry.versions(model).length === 0) registry.show(model, 'any') // it says which there are
  if (version !== undefined && current !== undefined && version !== current)
    throw new SluiceError('ERR_MODEL_STATE', ['end the shadow of', `${model}/${version}`, `${current} is in it`])
  return registry.endShadow(model)
}

function latestOf(registry: Registry, model: string): string {
  const live = registry.live(model)
  const others = registry.versions(model).filter((version) => version !== live)
  const latest = others.at(-1)
  if (latest !== undefined) return latest
  if (live === undefined) registry.show(model, 'any') // it says which models there are
  throw new SluiceError('ERR_MODEL_STATE', ['shadow', model, `it has no version but the live one, ${live}`])
}
