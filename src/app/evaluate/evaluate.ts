import { manualClock, Random, SluiceError } from '../../foundation/base/index.ts'
import { Kinds } from '../../domain/index.ts'
import { RankingEvaluation } from '../../judging/metrics/index.ts'
import type { EventLog } from '../../stream/events/index.ts'
import { openReader } from '../ingest/journal.ts'
import { createParts, type Parts } from '../parts.ts'
import { ask, greedy } from './asking.ts'
import { balanceOf } from './balance.ts'
import { type Split, split } from './protocols.ts'
import { idleRankers, useRankers, useRetrievers } from './live-models.ts'
import { balancedSpine, consumers, type Ranking, rankings, wholeSpine } from './rankings.ts'
import type { Balance, EvaluateOptions, EvaluationReport } from './report.ts'

const KNOWN_SHARE = 0.9

/**
 * Judges every source, the spine and two baselines on the journal of a data folder: full-catalogue ranking, seen items
 * removed for all alike, exploration and pins off, ties by row. The folder is only read.
 * @throws SluiceError ERR_EVALUATE_EMPTY when no user can be judged
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationReport> {
  const {
    data,
    protocol,
    seed = 'evaluate',
    knownShare = KNOWN_SHARE,
    surface = 'home',
    usersMax = 0,
    onProgress,
  } = options
  const kinds = new Kinds(options.config.events.kinds)
  const log = await openReader(data)
  onProgress?.({ phase: 'split', done: 0, total: 1 })
  const parted = split(log.replay(), kinds, protocol, knownShare)
  if (parted.wanted.size === 0) throw new SluiceError('ERR_EVALUATE_EMPTY', [data, protocol])

  const parts = createParts(greedy(options.config, surface), manualClock(parted.at))
  for (const entry of log.replay()) {
    if (parted.knows(entry)) parts.state.apply(entry)
    if (entry.seq % 50_000 === 0) onProgress?.({ phase: 'replay', done: entry.seq, total: log.next })
  }
  parts.build((done, total) => onProgress?.({ phase: 'build', done, total }))

  const balance =
    options.balance && protocol === 'time-split' ? await balanceFor(options, log, kinds, parted) : undefined
  const retrieverNotes = await useRetrievers(parts, data, { protocol, askedFrom: parted.askedFrom })
  const users = sample([...parted.wanted.keys()], usersMax, seed)
  const judging = { parts, surface, parted, users, seed, onProgress }
  const byHand = [...rankings(parts, surface, seed), ...(balance ? [balancedSpine(parts, balance.weight)] : [])]
  const rows = await judgeAll(byHand, judging)
  const { used, notes: rankerNotes } = await useRankers(parts, data, parted.askedFrom)
  if (used) rows.push(...(await judgeAll([wholeSpine(parts, 'spine-learned')], judging)))
  await idleRankers(parts)
  return {
    protocol,
    users: users.length,
    items: parts.state.items.count,
    notes: [
      ...parted.notes,
      ...retrieverNotes,
      ...rankerNotes,
      ...(balance ? [said(balance, surface)] : []),
      `the whole catalogue of ${parts.state.items.count} items is ranked; items already consumed are removed for all alike; ties by row`,
      'exploration slots and pins are off; intervals are 95 % user bootstrap',
    ],
    ...(balance ? { balance } : {}),
    rows,
  }
}

interface Judging {
  readonly parts: Parts
  readonly surface: string
  readonly parted: Split
  readonly users: readonly string[]
  readonly seed: string
  readonly onProgress: EvaluateOptions['onProgress']
}

/** One row for each ranking, over the same users. */
async function judgeAll(judged: readonly Ranking[], judging: Judging): Promise<EvaluationReport['rows'][number][]> {
  const { parts, surface, parted, users, seed, onProgress } = judging
  const counts = consumers(parts)
  const evaluations = judged.map(
    () =>
      new RankingEvaluation<number>({
        catalogue: parts.state.items.count,
        seed,
        similarity: (a, b) => parts.features.vectors.similarity(a, b),
        popularity: { consumers: (row) => counts[row] ?? 0, users: parts.state.users.size },
      }),
  )
  for (const [u, user] of users.entries()) {
    const query = ask(parts, surface, user, parted.at)
    const wanted = new Set([...(parted.wanted.get(user) ?? [])].map((id) => parts.state.items.ids.find(id)))
    for (let r = 0; r < judged.length; r++) evaluations[r]?.add((await judged[r]?.rank(query)) ?? [], wanted)
    if (u % 50 === 0) onProgress?.({ phase: 'judge', done: u, total: users.length })
  }
  onProgress?.({ phase: 'judge', done: users.length, total: users.length })
  return judged.map(({ name, kind }, r) => ({ name, kind, metrics: evaluations[r]?.summary().metrics ?? {} }))
}

/** The balance that fits the events before the split; the users and events after it are not looked at. */
function balanceFor(
  options: EvaluateOptions,
  log: EventLog,
  kinds: Kinds,
  parted: Split,
): Promise<Balance | undefined> {
  const { config, knownShare = KNOWN_SHARE, surface = 'home', usersMax = 0 } = options
  function* entries() {
    for (const entry of log.replay()) if (parted.knows(entry)) yield entry
  }
  return balanceOf({
    ...{ config: greedy(config, surface), surface, entries, knownShare, kinds },
    usersMax: usersMax > 0 ? usersMax : Number.POSITIVE_INFINITY,
    ask: (parts, user, at) => ask(parts, surface, user, at),
  })
}

function said({ weight, configured, users, tried }: Balance, surface: string): string {
  const figures = tried.map((one) => `${one.weight}: ${one.ndcg.toFixed(4)}`).join(', ')
  return (
    `spine-balanced weighs \`popular\` with ${weight} in place of ${configured}, which fits the last part of what is known ` +
    `(NDCG@10 of ${users} users by weight ${figures}); to serve so: surfaces.${surface}.sources.popular.weight = ${weight}, ` +
    `beside the other sources as "sluice config" prints them, for what the file says there takes the place of the whole list`
  )
}

function sample(users: string[], max: number, seed: string): string[] {
  if (max <= 0 || users.length <= max) return users
  return new Random(seed).shuffle(users.sort()).slice(0, max)
}
