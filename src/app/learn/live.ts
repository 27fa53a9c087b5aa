import { statSync } from 'node:fs'
import { SluiceError } from '../../foundation/base/index.ts'
import type { Log } from '../../foundation/telemetry/index.ts'
import { Registry } from '../../learning/registry/index.ts'
import { readUpdate, updatePath } from '../../learning/training/index.ts'
import type { LiveModel } from '../../serving/inference/index.ts'
import { every } from '../every.ts'
import { keepEarlier } from './keep-earlier.ts'
import { ShadowModels } from './shadow-models.ts'

/** How often a server looks for other live versions: promotion and rollback take effect within this time. */
const LOOK_MS = 250

/** What a place in the serving path uses: the live version of its model, what it learned online since, and who is in its shadow. */
export interface ModelInUse {
  readonly version: string | undefined
  /** Tells one update from the next; undefined when there was none. */
  readonly update: string | undefined
  /** The version in its shadow. */
  readonly shadow?: string | undefined
}

/**
 * Keeps the models in use those that are live in the registry. A version that is refused - damaged, of other features, or
 * not to be loaded - leaves the one in use, and is not tried again.
 */
export class LiveModels {
  readonly shadows: ShadowModels
  private readonly registry: Registry
  private readonly models: readonly LiveModel[]
  private readonly log: Log | undefined
  private readonly refused = new Map<LiveModel, string>()
  private readonly lost = new Map<LiveModel, string>()
  private readonly folder: string
  /** Of each model's update: when the file that was looked at last was written, and for which version. */
  private readonly updates = new Map<LiveModel, string>()
  private looking: (() => Promise<void>) | undefined

  constructor(folder: string, models: readonly LiveModel[], log?: Log) {
    this.folder = folder
    this.registry = new Registry(folder)
    this.models = models
    this.shadows = new ShadowModels(this.registry, log)
    this.log = log
  }

  /** Takes every model's live version, or the latest earlier one that is sound, and what it learned online since. */
  async look(): Promise<void> {
    for (const model of this.models) {
      if (model.model === undefined) continue
      await this.lookFor(model, model.model)
      if (model.learn !== undefined && model.version !== undefined) await this.updateOf(model, model.model)
    }
  }

  /** What is in use, in the order of the models: the version, and which update of it. */
  get inUse(): ModelInUse[] {
    return this.models.map((model) => {
      const { version, shadow } = model
      return { version, update: this.updates.get(model), shadow: shadow?.version }
    })
  }

  start(): void {
    this.looking = every(
      LOOK_MS,
      async () => {
        await this.look()
        for (const model of this.models) await this.keepEarlier(model)
        for (const model of this.models) await this.shadows.look(model)
      },
      (error) => this.log?.error({ error }, 'cannot look for live models; it is tried again'),
    )
  }

  async stop(): Promise<void> {
    await this.looking?.()
    for (const model of this.models) {
      await model.shadow?.use(undefined)
      await model.use(undefined)
    }
  }

  private async lookFor(model: LiveModel, name: string): Promise<void> {
    const live = this.registry.live(name)
    if (live === (model.coming ?? model.version) || live === this.refused.get(model)) return
    this.refused.delete(model)
    if (live !== undefined && live === model.earlier?.version) return model.earlier.back()
    const { artifact, refused } = await this.registry.loadLive(name, model.expected)
    for (const { version, error } of refused) this.refuse(model, version, error, live)
    if (artifact?.manifest.version === (model.coming ?? model.version)) return
    // Where something serves, nothing is no better.
    if (artifact === undefined && refused.length > 0 && model.version !== undefined) return
    try {
      await model.use(artifact)
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      this.refuse(model, artifact?.manifest.version ?? '', error, live)
    }
  }

  /** The way back, after a restart: not before the first requests were answered. What cannot be opened is not tried again. */
  private async keepEarlier(model: LiveModel): Promise<void> {
    try {
      await keepEarlier(this.registry, model, this.lost.get(model))
    } catch (error) {
      const version = model.earlier?.wanted
      if (!(error instanceof SluiceError) || version === undefined) throw error
      this.lost.set(model, version)
      this.log?.warn({ error, model: model.model, version }, 'the version before cannot be kept at hand')
    }
  }

  /** An update that does not fit is not looked at again. */
  private async updateOf(model: LiveModel, name: string): Promise<void> {
    const path = updatePath(this.folder, name)
    const file = statSync(path, { throwIfNoEntry: false })
    const seen = `${model.version} ${file?.mtimeMs} ${file?.ino}`
    if (file === undefined) this.updates.delete(model)
    if (file === undefined || this.updates.get(model) === seen) return
    this.updates.set(model, seen)
    try {
      await model.learn?.(readUpdate(path))
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      this.log?.error({ error, model: name, version: model.version }, 'an update of a model was refused; it serves on')
    }
  }

  private refuse(model: LiveModel, version: string, error: SluiceError, live: string | undefined): void {
    this.log?.error({ error, model: model.model, version }, 'a live model was refused; what served before goes on')
    if (live !== undefined) this.refused.set(model, live)
  }
}

/** By model: the version before the one in use, where it is at hand. */
export function keptVersions(models: readonly LiveModel[]): Record<string, string> {
  return Object.fromEntries(
    models.flatMap(({ model, earlier }) =>
      model !== undefined && earlier?.version !== undefined ? [[model, earlier.version] as const] : [],
    ),
  )
}
