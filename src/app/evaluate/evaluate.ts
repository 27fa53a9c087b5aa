import { Deadline, manualClock, Random, SluiceError, systemClock } from '../../foundation/base/index.ts'
import { completeConfig, type Config, Kinds, profileOf } from '../../domain/index.ts'
import { RankingEvaluation } from '../../judging/metrics/index.ts'
import type { Query } from '../../serving/pipeline/index.ts'
import type { EventLog } from '../../stream/events/index.ts'
import { openReader } from '../ingest/journal.ts'
import { openRegistry } from '../learn/models.ts'
import { createParts, type Parts } from '../parts.ts'
import { hydrate } from '../serve/hydrate.ts'
import { balanceOf } from './balance.ts'
import { type Split, split } from './protocols.ts'
import { balancedSpine, consumers, DEPTH, rankings } from './rankings.ts'
import type { Balance, EvaluateOptions, EvaluationReport, Protocol } from './report.ts'

/** Time for one slate while judging: quality is asked for here, not speed. */
const UNHURRIED_MS = 60_000
const STAGE_MS = UNHURRIED_MS / 6
const UNHURRIED = {
  budgetMs: UNHURRIED_MS,
  retrievalMs: STAGE_MS,
  coarseMs: STAGE_MS,
  featuresMs: STAGE_MS,
  fineMs: STAGE_MS,
  rerankMs: STAGE_MS,
  marginMs: 0,
}
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
  const modelNotes = await useModels(parts, data, protocol)
  const judged = [...rankings(parts, surface, seed), ...(balance ? [balancedSpine(parts, balance.weight)] : [])]
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
  const users = sample([...parted.wanted.keys()], usersMax, seed)
  for (let u = 0; u < users.length; u++) {
    const user = users[u] as string
    const query = ask(parts, surface, user, parted.at)
    const wanted = new Set([...(parted.wanted.get(user) ?? [])].map((id) => parts.state.items.ids.find(id)))
    for (let r = 0; r < judged.length; r++) evaluations[r]?.add((await judged[r]?.rank(query)) ?? [], wanted)
    if (u % 50 === 0) onProgress?.({ phase: 'judge', done: u, total: users.length })
  }
  onProgress?.({ phase: 'judge', done: users.length, total: users.length })
  return {
    protocol,
    users: users.length,
    items: parts.state.items.count,
    notes: [
      ...parted.notes,
      ...modelNotes,
      ...(balance ? [said(balance, surface)] : []),
      `the whole catalogue of ${parts.state.items.count} items is ranked; items already consumed are removed for all alike; ties by row`,
      'exploration slots and pins are off; intervals are 95 % user bootstrap',
    ],
    ...(balance ? { balance } : {}),
    rows: judged.map(({ name, kind }, r) => ({ name, kind, metrics: evaluations[r]?.summary().metrics ?? {} })),
  }
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
    `(NDCG@10 of ${users} users by weight ${figures}); to serve so: surfaces.${surface}.sources.popular.weight = ${weight}`
  )
}

/** Takes live models into use where the protocol asks for nothing that they have learnt. */
async function useModels(parts: Parts, data: string, protocol: Protocol): Promise<string[]> {
  const registry = openRegistry(data)
  const notes: string[] = []
  for (const model of parts.retrievers) {
    const { artifact } = await registry.loadLive(model.name)
    if (artifact === undefined) continue
    const { version, config } = artifact.manifest
    const held = Number(config['held'] ?? 0)
    if (protocol !== 'leave-one-out' || !(held >= 1)) {
      notes.push(`the ${model.name} model ${version} is left out: it may have learnt what this protocol asks for`)
      continue
    }
    await model.use(artifact)
    notes.push(`the ${model.name} model ${version} has not learnt the last ${held} items of any history`)
  }
  return notes
}

/** The surface without lots, pins and page limits; seen items always removed. */
function greedy(config: Config, surface: string): Config {
  const plan = config.surfaces[surface]
  if (!plan) throw new SluiceError('ERR_SURFACE_UNKNOWN', [surface, Object.keys(config.surfaces).join(', ')])
  const patient = { budgetMs: UNHURRIED_MS, rank: Math.max(plan.rank, DEPTH * 2) }
  const still = { explorationSlots: [], pinSlots: [], seen: 'remove' as const, needs: 'nothing' as const }
  const surfaces = { ...config.surfaces, [surface]: { ...plan, ...patient, ...still } }
  const profile = { ...profileOf(config), ...UNHURRIED, rank: Math.max(profileOf(config).rank, patient.rank) }
  return completeConfig({ ...config, surfaces, budgets: { profile: 'unhurried', profiles: { unhurried: profile } } })
}

function ask(parts: Parts, surface: string, user: string, at: number): Query {
  const query = hydrate(parts, { surface, user, limit: DEPTH, at, seed: user }, 0)
  return { ...query, deadline: new Deadline(systemClock, UNHURRIED_MS) }
}

function sample(users: string[], max: number, seed: string): string[] {
  if (max <= 0 || users.length <= max) return users
  return new Random(seed).shuffle(users.sort()).slice(0, max)
}
