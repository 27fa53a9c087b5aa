import { type Clock, HOUR, MINUTE } from '../../foundation/base/index.ts'
import type { Config, ModelName } from '../../domain/index.ts'
import type { Log } from '../../foundation/telemetry/index.ts'
import { Registry } from '../../learning/registry/index.ts'
import type { LearningStatus } from '../engine.ts'
import type { TrainNews } from './child.ts'
import { due, FIRST_EPOCHS } from './due.ts'
import { OnlineLearning } from './online-learning.ts'
import { trainedWhole } from './trained-whole.ts'
import { TrainerProcess } from './trainer-process.ts'

/** How often it looks whether something is due. */
const LOOK_MS = MINUTE
/** First look: when the server has answered its first requests. */
const FIRST_MS = 1000
/** Wait after a training that failed. */
const RETRY_MS = HOUR
/** Versions of a model that are kept beside those that serve or served. */
const KEEP = 5

export interface LearningParts {
  readonly data: string
  readonly models: string
  readonly config: Config
  readonly clock: Clock
  readonly featureDigest: string
  /** Events that were accepted so far. */
  events(): number
  readonly log: Log | undefined
  /** Is told what came of it. */
  readonly onNews: ((news: TrainNews) => void) | undefined
}

/** Trains, beside the server, what was never trained and what is due again: at the start and from then on. */
export class Learning {
  private readonly parts: LearningParts
  private readonly registry: Registry
  private readonly failures = new Map<ModelName, { readonly message: string; readonly at: number }>()
  private progress: LearningStatus['progress']
  private training: TrainerProcess | undefined
  private timers: NodeJS.Timeout[] = []
  private readonly online: OnlineLearning

  constructor(parts: LearningParts) {
    this.parts = parts
    this.registry = new Registry(parts.models)
    this.online = new OnlineLearning(parts)
  }

  get status(): LearningStatus {
    return {
      state: this.training ? 'training' : 'waiting',
      ...(this.training && this.progress && { progress: this.progress }),
      failed: Object.fromEntries([...this.failures].map(([model, { message }]) => [model, message])),
      ...(this.online.status !== undefined && { online: this.online.status }),
    }
  }

  start(): void {
    const look = () => this.look()
    this.timers = [setTimeout(look, FIRST_MS), setInterval(look, LOOK_MS)]
    for (const timer of this.timers) timer.unref()
    this.online.start()
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer)
    await Promise.all([this.training?.stop(), this.online.stop()])
  }

  /** Begins a training when something is due and nothing is under way. */
  private look(): void {
    const { config, clock, log } = this.parts
    if (this.training || this.parts.events() < config.learning.eventsMin) return
    const now = clock.now()
    try {
      const models = due(config, this.registry, now, this.parts.featureDigest).filter(
        (model) => now - (this.failures.get(model)?.at ?? Number.NEGATIVE_INFINITY) >= RETRY_MS,
      )
      if (models.length > 0) this.train(models)
    } catch (error) {
      log?.error({ error }, 'cannot look for models to be trained; it is tried again')
    }
  }

  private train(models: readonly ModelName[]): void {
    const { data, config, log } = this.parts
    log?.info({ models }, 'training begins')
    const fresh = models.filter((model) => this.registry.versions(model).length === 0)
    const epochs = Object.fromEntries(
      fresh.flatMap((model) => (FIRST_EPOCHS[model] ? [[model, FIRST_EPOCHS[model]]] : [])),
    )
    const training = new TrainerProcess({ data, config, models, epochs }, (news) => this.take(news))
    this.training = training
    training.ended
      .catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error)
        for (const model of models) this.fail(model, message)
        log?.error({ error }, 'a training ended by accident; what serves goes on serving')
      })
      .finally(() => {
        this.training = undefined
        this.progress = undefined
      })
  }

  private take(news: TrainNews): void {
    const { log, onNews } = this.parts
    if (news.kind === 'progress') this.progress = news.progress
    if (news.kind === 'failed') {
      this.fail(news.model, news.message)
      log?.warn({ model: news.model, message: news.message }, 'a model could not be trained')
    }
    if (news.kind === 'trained') {
      const { model, version, promoted, seconds, gates } = news.report
      this.failures.delete(model as ModelName)
      const failed = gates.filter(({ pass }) => !pass).map(({ gate, say }) => `${gate}: ${say}`)
      log?.info({ model, version, promoted, seconds, failed }, 'a model was trained')
      this.retain(model)
    }
    onNews?.(news)
  }

  /** What the live version went on from is what the next one is held against. */
  private retain(model: string): void {
    const live = this.registry.live(model)
    this.registry.retain(model, KEEP, live === undefined ? [] : [trainedWhole(this.registry.show(model, live))])
  }

  private fail(model: ModelName, message: string): void {
    this.failures.set(model, { message, at: this.parts.clock.now() })
  }
}
