import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DAY, HOUR, SharedArrays, SluiceError, systemClock } from '../foundation/base/index.ts'
import { dataFormat, type FolderLock, folderError, lockFolder, makeFolder } from '../foundation/store/index.ts'
import { type EventLog, openEventLog } from '../stream/events/index.ts'
import { Watch } from '../serving/watch/index.ts'
import type { Metrics } from '../foundation/telemetry/index.ts'
import type { ServedLog } from '../serving/served/index.ts'
import { shedByWorth } from '../domain/index.ts'
import type { WorldSizes } from '../world/index.ts'
import { Builder } from './builder.ts'
import type { Progress, ShadowStatus } from './engine.ts'
import { every } from './every.ts'
import {
  DATA_FORMAT,
  emptyFolder,
  folderOf,
  isUnfinished,
  KEPT,
  markUnfinished,
  noteWorld,
  secretOf,
  worldIn,
} from './folder.ts'
import { Ingest } from './ingest/ingest.ts'
import { fillWithWorld } from './ingest/world.ts'
import { onlineFeatures } from '../serving/features/index.ts'
import { Learning } from './learn/learning.ts'
import { LiveModels } from './learn/live.ts'
import { Registry } from '../learning/registry/index.ts'
import { Observer } from './observe/observer.ts'
import { ShadowBook } from './observe/shadow-book.ts'
import { trainedBy, versionsIn } from './observe/versions-in.ts'
import type { EngineOptions } from './options.ts'
import { keepWorths, readWorths } from './observe/worths.ts'
import { createParts, type Parts, RESERVED } from './parts.ts'
import { digestOf, optionsTold, shapingOf } from './shaping.ts'
import { SlimCache } from './slim-cache.ts'
import { openServed } from './serve/open-served.ts'
import { Slates } from './serve/slates.ts'
import { warmUp } from './serve/warm-up.ts'
import { checkUnread } from './snapshot/check.ts'
import { SnapshotKeeper } from './snapshot/keeper.ts'
import { shapeOf, Snapshots } from './snapshot/snapshots.ts'
import { crewOf, type RunningCrew } from './workers/run.ts'
import { VERSION } from './version.ts'

const RETENTION_LOOK_MS = 6 * HOUR
/** How often it is kept what sources are worth. */
const WORTHS_MS = HOUR / 6

type Tell = (progress: Progress) => void

/** Everything that is there once the folder is open. */
export interface Opened {
  readonly parts: Parts
  readonly log: EventLog
  readonly snapshots: SnapshotKeeper
  readonly served: ServedLog | undefined
  readonly ingest: Ingest
  readonly slates: Slates
  /** The simulated platform it holds. */
  readonly world: WorldSizes | undefined
  readonly observer: Observer
  /** By model, the version in its shadow and how it compares. */
  readonly shadowed: () => Record<string, ShadowStatus>
  /** Other threads that make slates; none when this one makes them. */
  readonly crew: RunningCrew | undefined
  /** Training beside the server; none when it is off. */
  readonly learning: Learning | undefined
  /** Of the configuration and the version: equal ones answer alike. */
  readonly digest: string
  /** Why the folder can only be read; undefined when it can be written. */
  readonly refused: unknown
  close(): Promise<void>
}

/** Opens the folder: lock, format, journal, replay, world if it is empty, builds, background loops. */
export async function openFolder(options: EngineOptions, tell: Tell): Promise<Opened> {
  const { data, clock = systemClock, metrics } = options
  if (options.workers && clock !== systemClock)
    throw new SluiceError('ERR_CONFIG_INVALID', [
      'server.workers',
      'must be 0 with a clock that is not the system’s: threads read that one',
    ])
  const folder = folderOf(data)
  tell({ phase: 'open', done: 0, total: 1 })
  const undo: (() => Promise<void> | void)[] = []
  const close = () => undoAll(undo.splice(0).reverse())
  try {
    const lock = lockOrRead(options)
    undo.push(() => lock.release())
    const { refused, full } = lock
    const readOnly = refused !== undefined
    if (options.fresh || isUnfinished(data)) emptyFolder(data)
    await dataFormat(data, DATA_FORMAT, KEPT)
    const worths = join(folder.cache, 'worths.json')
    const config = shedByWorth(options.config, readWorths(worths), RESERVED)
    const { segmentBytes, pendingMax, servedLog, retentionDays, servedRetentionDays } = config.events
    const snapshots = new Snapshots(join(folder.cache, 'state'), shapeOf(options.config), options.log, readOnly)
    const found = snapshots.find()
    const log = await openEventLog(folder.journal, { segmentBytes, pendingMax, clock, readOnly, mark: found?.mark })
    undo.push(() => log.close())
    const served = servedLog ? await openServed(folder.served, segmentBytes, readOnly, options) : undefined
    if (served) undo.push(() => served.close())
    const digest = digestOf(shapingOf(config))
    const optionsNow = optionsTold(config)
    const online = await onlineFeatures(config.features, clock, options.log)
    undo.push(() => online.close())
    const shadows = new ShadowBook(metrics, options.log)
    const secret = secretOf(data, readOnly)
    const wire = () => {
      const parts = createParts(config, clock, secret, online.make)
      if (options.workers) new SharedArrays(parts.state) // from the first entry on, so that nothing is copied later
      const watch = metrics && watchOf(parts, metrics)
      const told = { metrics, watch, shadowed: shadows.take }
      const slates = new Slates(parts, readOnly ? undefined : served, told, digest, (user) => log.isErased(user))
      const ingest = new Ingest(parts, log, (event) => slates.credit(event), metrics)
      return { parts, watch, slates, ingest }
    }
    let wired = wire()
    let kept = -1
    if (found) tell({ phase: 'restore', done: 0, total: 1 })
    if (found && snapshots.take(found, (mark) => log.resume(mark), wired.ingest)) {
      kept = found.position
      wired.ingest.restored(kept)
    } else if (found) wired = wire()
    const { parts, watch, slates, ingest } = wired
    replay(ingest, log, tell)
    if (parts.state.applied === 0 && options.world) {
      const done = markUnfinished(data)
      noteWorld(data, await fillWithWorld(ingest, options.world, clock, tell))
      done()
    }
    if (full) ingest.full('it was full when the server started')
    const failed = (error: unknown) => options.log?.error({ error }, 'background work failed; it is tried again later')
    const keeper = new SnapshotKeeper(snapshots, ingest, log, kept, failed)
    if (!readOnly) undo.push(() => keeper.stop())
    const cache = new SlimCache(join(folder.cache, 'slim'), parts.indexes.slim, parts.state, config.retrieval)
    if (!cache.load()) {
      parts.build((done, total) => tell({ phase: 'build', done, total }))
      await cache.save().catch(failed) // the disk may be full
    }
    const builder = new Builder(parts, cache, failed)
    parts.vectorIndexes.attach({
      ...{ folder: folder.indexes, log: options.log, metrics },
      keepVersionMs: config.retrieval.towersBackHours * HOUR,
      takeBack: (source, why) => new Registry(folder.models).rollback(source, why),
    })
    undo.push(() => parts.vectorIndexes.stop())
    const models = new LiveModels(folder.models, parts.models, options.log)
    undo.push(() => models.stop())
    await models.look()
    models.start()
    parts.online.start()
    undo.push(() => parts.online.stop())
    tell({ phase: 'warm-up', done: 0, total: 1 })
    await warmUp(slates, parts)
    const crew = await crewOf(options, digest, { parts, slates, ingest, builder, models })
    if (crew) undo.push(() => crew.stop())
    builder.start()
    if (!readOnly) keeper.start()
    if (kept > 0) {
      const damaged = (error: unknown) =>
        options.log?.error({ error }, 'the log is damaged, and only its snapshot lets the platform start: mend it now')
      undo.push(checkUnread(log, damaged))
    }
    undo.push(() => builder.stop())
    const observer = new Observer({
      serves: options.serves !== false,
      folder: data,
      cache: folder.cache,
      clock,
      metrics,
      watch,
      log: options.log,
      pending: () => log.pending,
      trained: () => trainedBy(parts, folder.models),
      versions: () => versionsIn(parts, models.shadows.refused),
    })
    undo.push(() => observer.stop())
    await observer.start(VERSION, digestOf(optionsNow), optionsNow)
    const learning = options.learn ? learningOf(options, parts, ingest) : undefined
    learning?.start()
    undo.push(() => learning?.stop())
    const retain = async () => {
      const { dropped } = await log.retain(clock.now() - retentionDays * DAY)
      if (dropped > 0) keeper.drop()
      await served?.retain(clock.now() - servedRetentionDays * DAY)
    }
    undo.push(every(RETENTION_LOOK_MS, retain, failed))
    undo.push(keepingWorths(worths, parts, failed))
    return {
      parts,
      log,
      snapshots: keeper,
      served,
      ingest,
      slates,
      world: worldIn(data),
      observer,
      shadowed: () => shadows.status(parts.models, models.shadows.refused),
      crew,
      learning,
      digest,
      refused,
      close,
    }
  } catch (error) {
    await close().catch((also: unknown) =>
      options.log?.error({ error: also }, 'what was opened cannot be closed whole'),
    )
    throw folderError(data, error)
  }
}

/** One that fails keeps no other from its turn: what was served is to be on disk, and the folder free. @throws the first error */
async function undoAll(steps: readonly (() => Promise<void> | void)[]): Promise<void> {
  const errors: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
}

/** Writes down now and then, and at the end, what sources are worth. */
function keepingWorths(path: string, { portfolio }: Parts, failed: (error: unknown) => void): () => Promise<void> {
  const keep = () => keepWorths(path, portfolio.worths())
  const stop = every(WORTHS_MS, keep, failed)
  return async () => {
    try {
      keep()
    } catch (error) {
      failed(error) // what was known before stays
    }
    await stop()
  }
}

function watchOf({ facts, features, state }: Parts, metrics: Metrics): Watch {
  const creators = () => state.items.creators.size
  return new Watch({ facts, featureNames: features.names, daily: features.daily, creators, metrics })
}

function learningOf(
  { data, config, clock = systemClock, log, onTraining }: EngineOptions,
  parts: Parts,
  ingest: Ingest,
) {
  return new Learning({
    ...{ data, config, clock, log, onNews: onTraining },
    models: folderOf(data).models,
    featureDigest: parts.features.digest,
    events: () => ingest.events,
  })
}

/** What a system says of a folder that this user, or anybody, can only read. */
const UNWRITABLE = ['EROFS', 'EACCES', 'EPERM']

/** The folder for this process alone; one that cannot be written, a backup perhaps, may be looked into as it is. */
function lockOrRead({ data, serves }: EngineOptions): FolderLock & { readonly refused?: unknown } {
  try {
    makeFolder(data)
    return lockFolder(data)
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException
    if (serves !== false || !existsSync(data) || !UNWRITABLE.includes(code ?? '')) throw error
    return { release: () => undefined, refused: error }
  }
}

function replay(ingest: Ingest, log: EventLog, tell: Tell): void {
  const total = log.next - ingest.position
  let done = 0
  for (const entry of log.replay(ingest.position)) {
    ingest.replay(entry)
    if (++done % 20_000 === 0) tell({ phase: 'replay', done, total })
  }
  if (total > 0) tell({ phase: 'replay', done: total, total })
}
