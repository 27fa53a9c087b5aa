import { Kinds } from '../../domain/index.ts'
import { SluiceError } from '../../foundation/base/index.ts'
import { type Cases, type Histories, type Split, testCases, timesOf } from '../../learning/training/index.ts'
import { SEQUENCE } from '../../serving/inference/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import { leaveOneOut, sequencesOf } from '../../stream/samples/index.ts'
import { openReader } from '../ingest/journal.ts'
import { knownOf, neededOf } from './held-out.ts'
import { publishedIn } from './published.ts'
import type { TrainOptions } from './report.ts'
import { USERS_LEAST } from './sequence-judge.ts'
import type { ServedPast } from './served-past.ts'
import type { Workshop } from './workshop.ts'

/** What the sequence model learns from: histories, the last two items of each held out. */
export interface SequenceLesson {
  readonly histories: Histories
  readonly split: Split
  /** What the test asks. */
  readonly cases: Cases
  readonly state: State
  readonly past: ServedPast | undefined
  /** One past the last journal entry that was read. */
  readonly until: number
  readonly heldFrom: number | undefined
}

/** @throws SluiceError ERR_TRAIN_DATA when there is too little to learn from */
export async function sequenceLesson(
  { data, config, onProgress }: Pick<TrainOptions, 'data' | 'config' | 'onProgress'>,
  workshop: Workshop,
): Promise<SequenceLesson> {
  const log = await openReader(data)
  onProgress?.({ phase: `${SEQUENCE}: histories`, done: 0, total: 1 })
  const heldFrom = workshop.heldFrom(log)
  const past = config.learning.negatives.sequenceHard > 0 ? await workshop.served() : undefined
  const { sequences, state } = sequencesOf(knownOf(log, heldFrom), new Kinds(config.events.kinds), {
    ...(past && { near: (slate: string) => past.near(slate) }),
  })
  const split = leaveOneOut(sequences)
  const catalogue = { ...sequences, items: state.items.size }
  const times = timesOf(catalogue, split.validFrom, publishedIn(state))
  const histories: Histories = { ...catalogue, ...(times && { times }) }
  const cases = testCases(histories, split)
  const users = cases.targets.length
  if (users < USERS_LEAST) {
    const needed = neededOf(`${USERS_LEAST} users with three items`, heldFrom)
    throw new SluiceError('ERR_TRAIN_DATA', [data, needed, String(users)])
  }
  return { histories, split, cases, state, past, until: log.next, heldFrom }
}
