import type { State } from '../../stream/catalog/index.ts'
import { type Outcome, partsOf, type Query } from '../../serving/pipeline/index.ts'
import { encodeFeatures, type ServedItem, type ServedRecord } from '../../serving/served/index.ts'
import type { Slate, SlateRequest } from '../../domain/index.ts'

/** Ranked candidates that were not chosen, the best of them, kept with their scores: near misses, to explain and to learn from. */
const RUNNERS_UP = 50

export interface RecordParts {
  readonly state: State
  readonly featureDigest: string
}

/** What the served log keeps of a slate. The property order matters: slate, user and session are read without parsing. */
export function recordOf(
  parts: RecordParts,
  request: SlateRequest,
  query: Query,
  outcome: Outcome,
  slate: Slate,
): ServedRecord {
  const { ranked, picks, stages, sources, removals, rung } = outcome
  const chosen = new Set(picks.map((pick) => pick.index))
  const runnersUp: ServedRecord['runnersUp'][number][] = []
  for (let i = 0; i < ranked.count && runnersUp.length < RUNNERS_UP; i++) {
    if (!chosen.has(i))
      runnersUp.push({ item: parts.state.items.ids.name(ranked.rows[i]), score: short(ranked.scores[i]) })
  }
  return {
    slate: slate.slate,
    user: query.viewer.id,
    session: request.session,
    surface: query.surface,
    at: query.at,
    item: request.item,
    query: request.query,
    country: query.viewer.country,
    device: query.device,
    personal: query.viewer.personal,
    offset: query.offset,
    rung,
    digest: slate.digest,
    ...(slate.models && { models: slate.models }),
    featureDigest: parts.featureDigest,
    funnel: [
      { step: 'proposed', count: sources.reduce((sum, source) => sum + source.count, 0) },
      ...stages.map((stage) => ({ step: stage.stage, count: stage.out })),
    ],
    removals: removals as Readonly<Record<string, number>>,
    stages,
    sources,
    items: picks.map((_, place) => servedItem(query, outcome, slate, place)),
    runnersUp,
  }
}

function servedItem(query: Query, outcome: Outcome, slate: Slate, place: number): ServedItem {
  const { ranked, picks } = outcome
  const pick = picks[place] as Outcome['picks'][number]
  const shown = slate.items[place] as Slate['items'][number]
  const sources: Record<string, { score: number; rank: number }> = {}
  ranked.sources.forEach((name, s) => {
    const cell = pick.index * ranked.sources.length + s
    if (ranked.sourceRanks[cell] > 0)
      sources[name] = { score: short(ranked.sourceScores[cell]), rank: ranked.sourceRanks[cell] }
  })
  const width = ranked.count === 0 ? 0 : ranked.features.length / ranked.count
  return {
    item: shown.item,
    position: shown.position,
    sources,
    scores: {
      retrieval: short(ranked.retrievalScores[pick.index]),
      coarse: short(ranked.coarseScores[pick.index]),
      fine: short(ranked.scores[pick.index]),
    },
    contributions: rounded(partsOf(query, outcome, pick.index)),
    ...(shown.predictions && { predictions: shown.predictions }),
    features: encodeFeatures(ranked.features.subarray(pick.index * width, (pick.index + 1) * width)),
    propensity: pick.propensity,
    explored: pick.explored,
    pinned: pick.pinned,
    reason: shown.reason,
  }
}

/** To a millionth. */
function short(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 1e6) / 1e6 : 0
}

/** To a millionth; what rounds to nothing is left out. */
function rounded(parts: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(parts).map(([name, part]) => [name, short(part)] as const)
  return Object.fromEntries(entries.filter(([, part]) => part !== 0))
}
