import { join } from 'node:path'
import { DAY, manualClock, SluiceError } from '../../foundation/base/index.ts'
import { type Config, Kinds } from '../../domain/index.ts'
import { factsOf, type ItemFacts } from '../../learning/models/index.ts'
import { type Draft, Registry } from '../../learning/registry/index.ts'
import type { EventLog } from '../../stream/events/index.ts'
import { type BuildReport, type Dataset, samplesOf } from '../../stream/samples/index.ts'
import { drawnByLot } from '../../world/index.ts'
import { folderOf, worldIn } from '../folder.ts'
import { openReader } from '../ingest/journal.ts'
import { createParts, type Parts } from '../parts.ts'
import { heldOutFrom, knownOf } from './held-out.ts'
import { openSamples, requireSamples } from './samples-file.ts'
import { ServedPast, type ServedReport } from './served-past.ts'
import { SlimCache } from '../slim-cache.ts'
import type { Progress } from '../engine.ts'

/** Impressions that one training holds in memory, about 300 bytes each; of more, requests are drawn by lot. */
const IMPRESSIONS_MAX = 2_000_000
/** Negatives drawn for each positive of a folder without impressions, half of them by popularity. */
const NEGATIVES = 4

/** A folder's events as samples, and everything else as of the end of its journal. */
export interface Material {
  readonly parts: Parts
  readonly samples: Dataset
  readonly facts: ItemFacts
  readonly report: BuildReport
  /** What the served log gave to the samples; undefined where it was not asked. */
  readonly served: ServedReport | undefined
  /** Were the negatives drawn, because nothing says what was shown? */
  readonly drawn: boolean
  /** One past the last journal entry that was read. */
  readonly until: number
  /** Days from the first sample to the last. */
  readonly days: number
  /** Moment from which on nothing was read, when a share was held out. */
  readonly heldFrom: number | undefined
}

export interface WorkshopOptions {
  /** A file or Parquet folder of samples to train on instead of those that the journal gives. */
  readonly samples?: string | undefined
  /** Share of what users consumed for the first time, the latest, from which on nothing is read. Default 0: none. */
  readonly holdout?: number | undefined
}

/** What the trainings of one run share: the folder is read and joined into samples once. */
export class Workshop {
  readonly data: string
  readonly config: Config
  readonly registry: Registry
  private readonly tell: (progress: Progress) => void
  private readonly options: WorkshopOptions
  private made: Promise<Material> | undefined
  private drafts: Draft[] = []

  constructor(
    data: string,
    config: Config,
    tell: (progress: Progress) => void = () => undefined,
    options: WorkshopOptions = {},
  ) {
    this.data = data
    this.config = config
    this.registry = new Registry(folderOf(data).models)
    this.tell = tell
    this.options = options
  }

  /** Where checkpoints of a model lie while it is trained. */
  work(model: string): string {
    return join(folderOf(this.data).models, '.work', model)
  }

  /** A version in the making. */
  draft(model: string): Draft {
    const draft = this.registry.draft(model)
    this.drafts.push(draft)
    return draft
  }

  /** Throws away what was begun and is no version; on a full disk that is room. */
  discardDrafts(): void {
    for (const draft of this.drafts.splice(0)) draft.discard()
  }

  /** @throws SluiceError ERR_SAMPLES_FILE, ERR_DATA_MISSING, ERR_TRAIN_DATA */
  material(): Promise<Material> {
    this.made ??= this.make()
    return this.made
  }

  private async make(): Promise<Material> {
    const { samples: from } = this.options
    if (from !== undefined) requireSamples(from)
    const log = await openReader(this.data)
    const heldFrom = this.heldFrom(log)
    const { impressions, positives, latest } = this.survey(log, heldFrom)
    const drawn = impressions < positives
    const expected = drawn ? positives * (1 + NEGATIVES) : impressions
    if (positives === 0) throw new SluiceError('ERR_TRAIN_DATA', [this.data, 'clicks or other consumption', 'none'])
    const parts = createParts(this.config, manualClock(latest))
    const { state, features } = parts
    const surfaces = Object.keys(this.config.surfaces)
    const { inverseWeightMax } = this.config.learning
    const past = await this.served()
    const share = Math.min(1, IMPRESSIONS_MAX / Math.max(1, expected))
    const { dataset, report } = samplesOf(
      () => this.told(log, heldFrom),
      { state, features },
      {
        ...{ surfaces, share, negatives: NEGATIVES, inverseWeightMax },
        ...(worldIn(this.data) && { randomised: drawnByLot }),
        ...(past && { served: (slate: string) => past.facts(slate, features.digest) }),
      },
    )
    if (dataset.requests === 0)
      throw new SluiceError('ERR_TRAIN_DATA', [this.data, 'slates whose outcomes are in', 'none yet'])
    new SlimCache(join(folderOf(this.data).cache, 'slim'), parts.indexes.slim, state, this.config.retrieval).load()
    const samples = from === undefined ? dataset : await openSamples(from, state)
    const days = (samples.at(samples.requests - 1) - samples.at(0)) / DAY
    const facts = factsOf(state, features.vectors)
    return { parts, samples, facts, report, served: past?.report, drawn, until: log.next, days, heldFrom }
  }

  /** What was served until now, unless training is to do without. To be read once, in order. */
  async served(): Promise<ServedPast | undefined> {
    return this.config.learning.served ? ServedPast.open(this.data) : undefined
  }

  /** Counts what samples will be made of. */
  private survey(
    log: EventLog,
    heldFrom: number | undefined,
  ): { impressions: number; positives: number; latest: number } {
    const kinds = new Kinds(this.config.events.kinds)
    let [impressions, positives, latest] = [0, 0, 0]
    for (const entry of knownOf(log, heldFrom)) {
      if (entry.type !== 'event') continue
      const spec = kinds.specs[kinds.code(entry.event.kind)]
      if (entry.event.kind === 'impression') impressions++
      else if (spec?.consumes && spec.strength > 0) positives++
      latest = Math.max(latest, entry.event.at)
    }
    return { impressions, positives, latest }
  }

  /** Moment from which on nothing is to be read, when a share is held out. */
  heldFrom(log: EventLog): number | undefined {
    return heldOutFrom(log, new Kinds(this.config.events.kinds), this.options.holdout)
  }

  private *told(log: EventLog, heldFrom: number | undefined) {
    for (const entry of knownOf(log, heldFrom)) {
      if (entry.seq % 20_000 === 0) this.tell({ phase: 'samples', done: entry.seq, total: log.next })
      yield entry
    }
  }
}
