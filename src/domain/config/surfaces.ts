import Type, { type Static } from 'typebox'
import { amount, choice, flag, group, table, whole, words } from './knobs.ts'

const SourceUse = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 10_000, description: 'Most candidates.' }),
    weight: Type.Number({
      minimum: 0,
      maximum: 100,
      description: 'Weight of its rank when candidates are cut and in the bootstrap score.',
    }),
    budgetMs: Type.Optional(
      Type.Number({
        minimum: 0.1,
        maximum: 10_000,
        description: 'Its own time; default: that of the whole retrieval, see `budgets`.',
      }),
    ),
  },
  { additionalProperties: false },
)

export const SurfaceConfig = Type.Object(
  {
    needs: choice('What a request must say: nothing, the item it follows, or a query.', 'nothing', [
      'nothing',
      'item',
      'query',
    ]),
    limit: whole('Items on a slate when the request does not say.', 'items', 20, 1, 200),
    budgetMs: amount('Time for the whole slate; the profile in use may leave less.', 'ms', 100, 1, 60_000),
    retrieve: whole('Candidates after retrieval.', 'candidates', 1000, 1, 100_000),
    rank: whole('Candidates after the coarse rank.', 'candidates', 200, 1, 10_000),
    sources: table('Sources by name.', SourceUse, {}),
    seen: choice('Items the viewer has consumed.', 'remove', ['remove', 'keep']),
    diversity: choice('How the slate is spread: DPP over a sliding window, MMR, or not at all.', 'dpp', [
      'dpp',
      'mmr',
      'none',
    ]),
    diversityStrength: amount('How much diversity may cost in score: 0 none, 1 all.', 'share', 0.05, 0, 1),
    diversityWindow: whole('Latest picks that a new one is held against.', 'items', 10, 1, 200),
    creatorCap: whole('Most items of one creator in ten.', 'items', 3, 1, 10),
    categoryCap: whole('Most items of one category in ten.', 'items', 7, 1, 10),
    explorationSlots: Type.Array(Type.Integer({ minimum: 0, maximum: 199 }), {
      default: [],
      description: 'Positions, from 0, that are given to fresh items by lot.',
    }),
    pinSlots: Type.Array(Type.Integer({ minimum: 0, maximum: 199 }), {
      default: [],
      description: 'Positions, from 0, for editorial pins.',
    }),
    pages: whole('Longest scroll by cursor.', 'items', 500, 1, 2000),
  },
  { additionalProperties: false },
)
export type SurfaceConfig = Static<typeof SurfaceConfig>

const use = (limit: number, weight: number) => ({ limit, weight })

/** The surfaces of the default platform, as a user would write them. */
export const defaultSurfaces = {
  home: {
    sources: {
      sequence: use(300, 4),
      'two-tower': use(300, 2),
      slim: use(300, 3),
      covisit: use(300, 1),
      similar: use(150, 0.3),
      followed: use(100, 0.8),
      interests: use(150, 0.3),
      trending: use(150, 0.3),
      popular: use(200, 1),
      fresh: use(60, 0.2),
      pins: use(10, 0),
    },
    explorationSlots: [5, 14],
    pinSlots: [2],
  },
  next: {
    needs: 'item',
    limit: 10,
    sources: {
      sequence: use(200, 3),
      'two-tower': use(200, 1),
      following: use(200, 3),
      slim: use(200, 1.5),
      covisit: use(150, 1),
      similar: use(200, 1),
      popular: use(150, 0.2),
      fresh: use(40, 0.1),
    },
    explorationSlots: [6],
  },
  search: {
    needs: 'query',
    sources: { lexical: use(600, 3) },
    diversity: 'none',
    creatorCap: 10,
    categoryCap: 10,
  },
  continue: {
    limit: 10,
    sources: { resume: use(50, 1), again: use(50, 0.4) },
    seen: 'keep',
    diversity: 'none',
    creatorCap: 10,
    categoryCap: 10,
  },
}

export const PolicyConfig = group('What may never be shown.', {
  blockedFlags: words('Items with one of these flags are on no slate.', ['blocked', 'removed', 'illegal']),
  ageUnknown: whole('Age assumed for a viewer of unknown age.', 'years', 13, 0, 130),
  countryUnknown: flag(
    'May items that are limited to certain countries be shown to a viewer of unknown country?',
    false,
  ),
})

export const SurfacesConfig = table('Surfaces by name.', SurfaceConfig, defaultSurfaces)
