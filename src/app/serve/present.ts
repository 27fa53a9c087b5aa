import { hash32 } from '../../foundation/base/index.ts'
import type { Slate, SlateItem } from '../../domain/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { Outcome, Pick, Query } from '../../serving/pipeline/index.ts'
import type { Cursors } from './cursor.ts'
import type { Sentences } from './sentences.ts'

export interface PresentParts {
  readonly state: State
  readonly cursors: Cursors
  readonly sentences: Sentences
  /** Of the configuration, and of the models that answered. */
  digestOf(models: Readonly<Record<string, string>>): string
}

/** The slate as the client gets it. */
export function present(parts: PresentParts, query: Query, outcome: Outcome): Slate {
  const items = outcome.picks.map((pick, index) => slateItem(parts, query, outcome, pick, index))
  const shown = [...query.shown, ...items.map((item) => hash32(item.item))]
  const models = Object.fromEntries(Object.entries(outcome.ranked.scoredBy).map(([stage, { by }]) => [stage, by]))
  const goesOn = outcome.more && items.length > 0 && shown.length < query.plan.pages
  return {
    slate: query.id,
    surface: query.surface,
    at: query.at,
    items,
    rung: outcome.rung,
    stages: [...outcome.stages],
    digest: parts.digestOf(models),
    models,
    personal: query.viewer.personal,
    ...(goesOn ? { cursor: parts.cursors.make({ surface: query.surface, shown }) } : {}),
  }
}

function slateItem(parts: PresentParts, query: Query, { ranked }: Outcome, pick: Pick, index: number): SlateItem {
  const row = ranked.rows[pick.index]
  const width = ranked.sources.length
  const sourceScores: Record<string, number> = {}
  ranked.sources.forEach((name, s) => {
    if (ranked.mask[pick.index] & (1 << s)) sourceScores[name] = rounded(ranked.sourceScores[pick.index * width + s])
  })
  const document = parts.state.items.document(row)
  return {
    item: parts.state.items.ids.name(row),
    position: query.offset + index,
    score: rounded(ranked.scores[pick.index]),
    sources: Object.keys(sourceScores),
    sourceScores,
    propensity: pick.propensity,
    explored: pick.explored,
    ...(ranked.predictions && { predictions: roundedAll(ranked.predictions.of(pick.index)) }),
    reason: parts.sentences.of(query, ranked, pick),
    ...(document?.title === undefined ? {} : { title: document.title }),
    ...(document?.creator === undefined ? {} : { creator: document.creator }),
    ...(document?.categories === undefined ? {} : { categories: document.categories }),
  }
}

function roundedAll(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rounded(value)]))
}

/** To a millionth. */
function rounded(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 1e6) / 1e6 : 0
}
