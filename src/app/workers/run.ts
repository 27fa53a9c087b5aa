import type { Injection } from '../../serving/ladder/index.ts'
import type { Builder } from '../builder.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { OwnAccess } from '../ingest/writer.ts'
import type { LiveModels } from '../learn/live.ts'
import type { WorkersStatus } from '../engine.ts'
import type { EngineOptions } from '../options.ts'
import type { Parts } from '../parts.ts'
import type { Slates } from '../serve/slates.ts'
import { Crew } from './crew.ts'

/** How often it is looked whether the threads should use another model or index than they do. */
const FOLLOW_MS = 250

export interface RunningCrew {
  readonly standing: WorkersStatus
  /** Gives every thread what is built from the whole state. */
  share(): void
  /** Injects faults in every thread. */
  inject(injections: readonly Injection[]): void
  /** Ends one thread wherever it is; another takes its place. */
  lose(thread: number): Promise<void>
  /** Ends the threads; slates are made in this one from then on. */
  stop(): Promise<void>
}

interface Opened {
  readonly parts: Parts
  readonly slates: Slates
  readonly ingest: Ingest
  readonly builder: Builder
  readonly models: LiveModels
}

/** Starts the threads that make slates, when any are wanted; resolves when they do. */
export async function crewOf(
  { data, workers = 0, log, metrics }: EngineOptions,
  digest: string,
  { parts, slates, ingest, builder, models }: Opened,
): Promise<RunningCrew | undefined> {
  if (workers === 0) return undefined
  const { maker } = slates
  const [, towers] = parts.retrievers
  const order = { data, digest, records: maker.records }
  const { shadowed } = slates
  const crew = new Crew({ parts, size: workers, order, here: maker, shadowed, log, metrics })
  const share = () => {
    const slim = parts.indexes.slim.share()
    if (slim) crew.share(slim)
  }
  share()
  builder.built = share
  crew.inject(parts.ladder.injector.active)
  ingest.access = crew.access
  towers.change = (work) => crew.access.change(inOneStep(work))
  const follow = () => crew.follow({ models: models.inUse, indexes: parts.vectorIndexes.lent() })
  follow()
  await crew.start()
  const timer = setInterval(() => {
    follow()
    crew.measure()
  }, FOLLOW_MS)
  timer.unref()
  slates.makers = crew
  return {
    get standing() {
      return crew.standing
    },
    share,
    inject: (injections) => crew.inject(injections),
    lose: (thread) => crew.lose(thread),
    async stop() {
      await crew.stop()
      clearInterval(timer)
      builder.built = () => undefined
      towers.change = (work) => work()
      slates.makers = undefined
      ingest.access = new OwnAccess()
    },
  }
}

function* inOneStep(work: () => void): Generator<void> {
  yield work()
}
