import { existsSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, DAY, MINUTE, SECOND, SluiceError, systemClock } from '../../foundation/base/index.ts'
import type { Log } from '../../foundation/telemetry/index.ts'
import type { Config, OnlineModel } from '../../domain/index.ts'
import { type Artifact, Registry } from '../../learning/registry/index.ts'
import {
  isTrainable,
  type Offer,
  OnlineTrainer,
  readUpdate,
  updatePath,
  writeUpdate,
} from '../../learning/training/index.ts'
import { EntryTail } from '../../stream/events/index.ts'
import { folderOf } from '../folder.ts'
import { openReader } from '../ingest/journal.ts'
import { type OnlineLesson, openLesson } from './online-lesson.ts'
import { registerOnline } from './online-version.ts'
import { lockTask } from './task-lock.ts'

/** Between two looks at the journal. */
const LOOK_MS = SECOND
/** Between two looks for a live version that can be trained on. */
const WAIT_MS = 5 * SECOND

export interface OnlineOptions {
  readonly data: string
  readonly config: Config
  /** A live ranking model, or the two towers. */
  readonly model: OnlineModel
  /** Between two updates for serving. */
  readonly everySeconds: number
  /** How long an outcome may follow its impression. */
  readonly windowSeconds: number
  /** Between two versions in the registry, to which a rollback goes. */
  readonly snapshotMinutes: number
  /** Embeddings of ids that no request showed for so long go with each version; 0: never. Default 0. */
  readonly forgetDays?: number
  readonly clock?: Clock
  readonly log?: Log
  readonly signal: AbortSignal
  readonly onReport?: (report: OnlineReport) => void
}

/** What came of a look or of an offer. */
export interface OnlineReport {
  readonly model: string
  readonly kind: 'waiting' | 'learning' | 'update' | 'refused' | 'version'
  readonly version?: string
  readonly say: string
  /** Log loss on what was held out: of what was learned, and of what was live. */
  readonly loss?: number
  readonly live?: number
  readonly examples?: number
}

/**
 * Trains a live model on the journal as it is written, beside a server on the same folder, until the signal. What
 * is learned goes to the server as updates, and now and then into the registry as a version: `rollback` goes back to one,
 * and training goes on from what is live then. Killed, it learns again from where the live version ended.
 * @throws SluiceError ERR_TRAIN_BUSY while another process does so, and what a session of it meets
 */
export async function trainOnline(options: OnlineOptions): Promise<void> {
  const lock = lockTask(options.data, `learn ${options.model}`)
  try {
    await goOn(options)
  } finally {
    lock.release()
  }
}

async function goOn(options: OnlineOptions): Promise<void> {
  const { data, model, signal, onReport } = options
  const registry = new Registry(folderOf(data).models)
  while (!signal.aborted) {
    const version = registry.live(model)
    const why =
      version === undefined
        ? `no version is live. Train it first: sluice train ${model}`
        : await whyNot(registry, model, version)
    if (version !== undefined && why === undefined) await new Session(options, registry, version).run()
    else {
      onReport?.({ model, kind: 'waiting', say: `${model} cannot be trained online: ${why}. Waiting for it` })
      await pause(WAIT_MS, signal)
    }
  }
}

async function whyNot(registry: Registry, model: string, version: string): Promise<string | undefined> {
  if (isTrainable(registry.show(model, version).files)) return undefined
  return `version ${version} keeps nothing to be trained on. Train it again: sluice train ${model}`
}

/** Training on from one live version, until another one is live. */
class Session {
  private readonly options: OnlineOptions
  private readonly registry: Registry
  private readonly clock: Clock
  private version: string
  private registeredAt: number

  constructor(options: OnlineOptions, registry: Registry, version: string) {
    this.options = options
    this.registry = registry
    this.clock = options.clock ?? systemClock
    this.version = version
    this.registeredAt = this.clock.ticks()
  }

  async run(): Promise<void> {
    const { data, model, signal, everySeconds, windowSeconds } = this.options
    const artifact = await this.registry.load(model, this.version)
    const lesson = await openLesson(this.options, artifact)
    const { feed, learner } = lesson
    this.succeed(lesson)
    const entries = new EntryTail(folderOf(data).journal)
    const trainer = new OnlineTrainer({
      ...{ entries, feed, learner, from: await this.from(artifact), clock: this.clock },
      ...{ windowMs: windowSeconds * SECOND, everyMs: everySeconds * SECOND },
    })
    this.tell('learning', `${model} learns on from version ${this.version}`)
    try {
      while (!signal.aborted && this.registry.live(model) === this.version) {
        const offer = await trainer.tick(signal)
        if (offer) await this.act(offer, lesson, trainer)
        await pause(LOOK_MS, signal)
      }
    } finally {
      entries.close()
      await learner.close()
    }
  }

  /** A process before this one that ended by itself or was killed left an update that a server has taken. */
  private succeed({ learner }: OnlineLesson): void {
    const { data, model, log } = this.options
    const path = updatePath(folderOf(data).models, model)
    for (const name of readdirSync(dirname(path))) // what was being written when it was killed
      if (name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp'))
        rmSync(join(dirname(path), name), { force: true })
    if (!existsSync(path)) return
    try {
      const last = readUpdate(path)
      if (last.model === model && last.base === this.version) learner.succeed(last)
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      log?.warn({ error, model }, 'an update that was left behind cannot be read; no server can have taken it')
    }
  }

  /** From where the version ended; after a rollback, from now: what was learned since is what was not wanted. */
  private async from(artifact: Artifact): Promise<number> {
    const { model, data } = this.options
    const latest = this.registry.log(model).at(-1)
    const back = latest?.version === this.version && latest.action.startsWith('rollback')
    return back ? (await openReader(data)).next : artifact.manifest.data.until
  }

  private async act(offer: Offer, { learner, learned }: OnlineLesson, trainer: OnlineTrainer): Promise<void> {
    const { data, model, snapshotMinutes, forgetDays = 0, log } = this.options
    if (offer.kind === 'waiting') return
    const figures = { loss: offer.loss, live: offer.live, examples: learner.examples }
    if (offer.kind === 'refused') {
      log?.warn({ model, version: this.version, why: offer.why }, 'an update of a model was refused and taken back')
      return this.tell('refused', `an update of ${model} was refused: ${offer.why}`, figures)
    }
    const path = updatePath(folderOf(data).models, model)
    writeUpdate(path, offer.update)
    this.tell('update', `update ${offer.update.number} of ${model}/${this.version}`, figures)
    if (this.clock.ticks() - this.registeredAt < snapshotMinutes * MINUTE) return
    this.registeredAt = this.clock.ticks()
    const gone = forgetDays > 0 ? learner.forget(forgetDays * DAY) : 0
    const base = { model, base: this.version }
    const made = await registerOnline(this.registry, base, learned, { until: trainer.until, offer })
    if (made === undefined) return // another version is live by now: the session ends
    rmSync(path, { force: true }) // it is in the version: who goes back to the one before goes back to that alone
    learner.rebase(made)
    this.version = made
    this.tell('version', `${model}/${made} is live: what was learned online until now${forgot(gone)}`, figures)
  }

  private tell(kind: OnlineReport['kind'], say: string, figures: Partial<OnlineReport> = {}): void {
    const { model, onReport } = this.options
    onReport?.({ model, kind, version: this.version, say, ...figures })
  }
}

const forgot = (gone: number): string => (gone === 0 ? '' : `; embeddings forgotten: ${gone}`)

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {}) // a stop ends the pause
}
