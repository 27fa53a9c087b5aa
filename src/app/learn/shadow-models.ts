import type { Log } from '../../foundation/telemetry/index.ts'
import type { Registry } from '../../learning/registry/index.ts'
import type { LiveModel } from '../../serving/inference/index.ts'

/** A version that should be in the shadow and cannot be. */
export interface RefusedShadow {
  readonly version: string
  readonly why: string
}

/**
 * Keeps in the shadow of each model the version that the registry has there. One that is refused - damaged, gone, of other
 * features - is told and not tried again; whatever happens here, nothing that serves notices.
 */
export class ShadowModels {
  /** By model. */
  readonly refused = new Map<string, RefusedShadow>()
  private readonly registry: Registry
  private readonly log: Log | undefined

  constructor(registry: Registry, log: Log | undefined) {
    this.registry = registry
    this.log = log
  }

  async look(place: LiveModel): Promise<void> {
    const { model, shadow } = place
    if (model === undefined || !shadow) return
    const wanted = this.registry.shadowOf(model)
    if (wanted === shadow.version && wanted === undefined) this.refused.delete(model)
    if (wanted === shadow.version || (wanted !== undefined && wanted === this.refused.get(model)?.version)) return
    this.refused.delete(model)
    try {
      await putInShadow(this.registry, place, wanted)
    } catch (error) {
      if (wanted === undefined) throw error
      this.refused.set(model, { version: wanted, why: error instanceof Error ? error.message : String(error) })
      this.log?.error(
        { error, model, version: wanted },
        'a version in the shadow was refused; serving goes on as it was',
      )
    }
  }
}

/**
 * Puts a version in the shadow of a model, or none. Once it cannot be had, nobody is in it.
 * @throws Error why it cannot be had
 */
export async function putInShadow(
  registry: Registry,
  { model, shadow, expected }: LiveModel,
  version: string | undefined,
): Promise<void> {
  if (model === undefined || !shadow) return
  try {
    await shadow.use(version === undefined ? undefined : await registry.load(model, version, expected))
  } catch (error) {
    await shadow.use(undefined)
    throw error
  }
}
