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

  async look({ model, shadow, expected }: LiveModel): Promise<void> {
    if (model === undefined || !shadow) return
    const wanted = this.registry.shadowOf(model)
    if (wanted === shadow.version && wanted === undefined) this.refused.delete(model)
    if (wanted === shadow.version || (wanted !== undefined && wanted === this.refused.get(model)?.version)) return
    this.refused.delete(model)
    try {
      await shadow.use(wanted === undefined ? undefined : await this.registry.load(model, wanted, expected))
    } catch (error) {
      await shadow.use(undefined)
      if (wanted === undefined) throw error
      this.refused.set(model, { version: wanted, why: error instanceof Error ? error.message : String(error) })
      this.log?.error(
        { error, model, version: wanted },
        'a version in the shadow was refused; serving goes on as it was',
      )
    }
  }
}
