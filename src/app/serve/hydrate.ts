import { type Clock, Deadline, hash32, Random, SluiceError } from '../../foundation/base/index.ts'
import { type Config, type SlateRequest, type SurfaceConfig, timeOf } from '../../domain/index.ts'
import { ageBand, type State } from '../../stream/catalog/index.ts'
import type { Histories } from '../../stream/features/index.ts'
import type { Query, Viewer } from '../../serving/pipeline/index.ts'
import type { Cursors } from './cursor.ts'

export interface HydrateParts {
  readonly state: State
  readonly histories: Histories
  readonly config: Config
  readonly clock: Clock
  readonly cursors: Cursors
  /** Sources that need a trained model: those without one are no part of the plan, so that they take no share of the score. */
  readonly retrievers: readonly { readonly name: string; readonly version: string | undefined }[]
}

/**
 * Turns a request into a query: ids to rows, viewer and context filled in, the scroll so far.
 * Equal state and an equal request with `at` and `seed` give an equal query, slate id included.
 * `waitedMs`: for how long the request has waited; it is taken off the budget.
 * @throws SluiceError for an unknown surface, item or cursor, or a missing item or search text
 */
export function hydrate(parts: HydrateParts, request: SlateRequest, turn: number, waitedMs = 0): Query {
  const { state, config, clock } = parts
  const configured = Object.hasOwn(config.surfaces, request.surface) ? config.surfaces[request.surface] : undefined
  if (!configured)
    throw new SluiceError('ERR_SURFACE_UNKNOWN', [request.surface, Object.keys(config.surfaces).join(', ')])
  const plan = planOf(configured, parts.retrievers)
  if (plan.needs === 'item' && request.item === undefined) throw new SluiceError('ERR_ITEM_REQUIRED', [request.surface])
  if (plan.needs === 'query' && !request.query?.trim()) throw new SluiceError('ERR_QUERY_REQUIRED', [request.surface])
  const item = request.item === undefined ? -1 : state.items.ids.find(request.item)
  if (request.item !== undefined && item < 0) throw new SluiceError('ERR_ITEM_NOT_FOUND', [request.item])
  const at = request.at === undefined ? clock.now() : timeOf(request.at)
  if (Number.isNaN(at)) throw new SluiceError('ERR_BODY_INVALID', ['/at', `is no moment: "${request.at}"`])
  const shown = request.cursor === undefined ? [] : parts.cursors.read(request.cursor, request.surface).shown
  const seed = request.seed === undefined ? `${turn}:${state.applied}` : `${request.seed}:${state.applied}`
  const id = slateId(at, `${seed}:${JSON.stringify(request)}`)
  const viewer = viewerOf(parts, request)
  return {
    id,
    surface: request.surface,
    plan,
    viewer,
    at,
    limit: request.limit ?? plan.limit,
    item,
    text: request.query?.trim() ?? '',
    device: request.context?.device ?? '',
    excluded: (request.exclude ?? []).map((name) => state.items.ids.find(name)).filter((row) => row >= 0),
    shown: new Set(shown),
    offset: shown.length,
    rule: request.filter,
    shared: viewer.row < 0 && isPlain(request),
    waitedMs,
    deadline: new Deadline(clock, plan.budgetMs - waitedMs),
    random: (purpose) => new Random(`${id}:${purpose}`),
  }
}

/** Nothing narrows it, and nobody wants to see the very same again. */
const isPlain = ({ filter, exclude, cursor, at, seed }: SlateRequest): boolean =>
  filter === undefined && !exclude?.length && cursor === undefined && at === undefined && seed === undefined

/** By surface and the sources left out: a plan is made once. */
const plans = new WeakMap<SurfaceConfig, Map<string, SurfaceConfig>>()

/** The surface without the sources whose model is not there. */
function planOf(configured: SurfaceConfig, models: HydrateParts['retrievers']): SurfaceConfig {
  let absent = ''
  for (const { name, version } of models) if (version === undefined) absent += ` ${name}`
  if (absent === '') return configured
  const known = plans.get(configured) ?? new Map<string, SurfaceConfig>()
  plans.set(configured, known)
  const found = known.get(absent)
  if (found) return found
  const names = absent.split(' ')
  const sources = Object.fromEntries(Object.entries(configured.sources).filter(([name]) => !names.includes(name)))
  const plan = { ...configured, sources }
  known.set(absent, plan)
  return plan
}

/** The viewer of a request; of one that says nothing, a stranger. */
export function viewerOf(
  { state, histories }: Pick<HydrateParts, 'state' | 'histories'>,
  request: Pick<SlateRequest, 'user' | 'context'>,
): Viewer {
  const { users, items } = state
  const known = request.user === undefined ? -1 : users.ids.find(request.user)
  const optedOut = known >= 0 && users.optedOut.array[known] === 1
  const row = optedOut ? -1 : known
  const said = request.context
  const age = said?.age ?? (known >= 0 ? users.age.array[known] : -1)
  const profileCountry = known >= 0 ? users.country.array[known] : -1
  const from = said?.country?.toUpperCase() ?? (profileCountry < 0 ? undefined : items.countries.name(profileCountry))
  const profileLanguage = known >= 0 ? users.language.array[known] : -1
  return {
    row,
    id: optedOut ? undefined : request.user, // the served log keeps no trace of who opted out
    personal: row >= 0 && histories.length(row) > 0,
    historyLength: row < 0 ? 0 : histories.length(row),
    age,
    band: ageBand(age),
    country: from === undefined ? -1 : items.countries.find(from),
    from,
    language: said?.language === undefined ? profileLanguage : items.languages.find(said.language.toLowerCase()),
    speaks: said?.language?.toLowerCase() ?? (profileLanguage < 0 ? undefined : items.languages.name(profileLanguage)),
    creator: known >= 0 ? users.creator.array[known] : -1,
  }
}

/** Sorts by time as text; 64 bits of hash tell apart what was asked in one millisecond. */
function slateId(at: number, seed: string): string {
  const time = Math.max(0, Math.floor(at)).toString(36).padStart(9, '0')
  return `${time}-${hash32(seed, 1).toString(36).padStart(7, '0')}${hash32(seed, 2).toString(36).padStart(7, '0')}`
}
