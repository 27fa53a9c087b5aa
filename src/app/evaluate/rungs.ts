import { type Config, type Quality, type Standing, worthOf } from '../../domain/index.ts'
import { createWorld, type World } from '../../world/index.ts'
import type { Entry } from '../../stream/events/index.ts'
import { folderOf, worldIn } from '../folder.ts'
import { openReader } from '../ingest/journal.ts'
import { LiveModels } from '../learn/live.ts'
import type { Parts } from '../parts.ts'
import type { EvaluateOptions } from './report.ts'
import { type Measured, type RungsTask, RungTrials } from './rung-trials.ts'

export interface RungRow {
  readonly name: string
  /** What the ladder calls it; missing where the row is no standing of its own. */
  readonly standing?: Standing
  /** What the configuration says it is worth. */
  readonly configured?: number
  /** Slates by the rung they were seen on; with truth alone. */
  readonly rungs?: Readonly<Record<string, number>>
  /** Expected gain as a share of whole slates for the same viewers, with its 95 % interval; with truth alone. */
  readonly worth?: Measured
}

export interface RungsReport {
  readonly rows: readonly RungRow[]
  /** Missing where nothing can be measured: the folder holds no simulated platform, and nobody knows what a slate is worth. */
  readonly measured?: {
    readonly users: number
    readonly items: number
    readonly viewers: number
    /** Live models that ranked. */
    readonly models: Readonly<Record<string, string>>
    /** Whole slates against the best there are, 0 to 1. */
    readonly full: number
    /** For `ladder.quality`: rounded down, none above 1. */
    readonly quality: RungsQuality
  }
}

/** Figures that are measured; the others stay as they are. */
export type RungsQuality = Pick<Quality, 'partial' | 'degraded' | 'coarse' | 'retrieval' | 'cached' | 'popular'> &
  Pick<Quality, 'withoutFeatures' | 'byHand'>

export type RungsOptions = Pick<EvaluateOptions, 'data' | 'config' | 'surface' | 'usersMax' | 'onProgress'>

/** Viewers asked, unless it is said. */
const VIEWERS = 600

/**
 * What the slates of each rung of the ladder are worth under each circumstance: by the planted truth on a simulated platform,
 * with its live models; elsewhere what the configuration says alone. The folder is only read.
 * @throws SluiceError ERR_DATA_MISSING
 */
export async function rungsOf({
  data,
  config,
  surface = 'home',
  usersMax,
  onProgress,
}: RungsOptions): Promise<RungsReport> {
  const log = await openReader(data)
  const sizes = worldIn(data)
  if (!sizes) return { rows: standings.map(({ name, standing }) => toldOf(config, name, standing)) }
  const { start: _, ...known } = sizes
  const world = createWorld(known)
  const history = () => untilTheEnd(log.replay(), world)
  const use = (parts: Parts) => new LiveModels(folderOf(data).models, parts.models).look()
  return measureRungs({
    world,
    history,
    use,
    config,
    surface,
    viewersMax: usersMax || VIEWERS,
    ...(onProgress && { onProgress }),
  })
}

/** Events that came after the history of the world belong to a later truth. */
function* untilTheEnd(entries: Iterable<Entry>, { end }: World): Iterable<Entry> {
  for (const entry of entries) if (entry.type !== 'event' || entry.event.at <= end) yield entry
}

/** The rows that stand for a figure of the configuration. */
const standings = [
  { name: 'one source down', standing: { rung: 'partial' } },
  { name: 'fine model, features of items and viewers missing', standing: { rung: 'partial', withoutFeatures: true } },
  { name: 'degraded model', standing: { rung: 'degraded' } },
  { name: 'degraded model, no features', standing: { rung: 'degraded', withoutFeatures: true } },
  {
    name: 'degraded model, features of items and viewers missing',
    standing: { rung: 'degraded', withoutFeatures: true },
  },
  { name: 'ranker set by hand', standing: { rung: 'degraded', byHand: true } },
  { name: 'order of the coarse model', standing: { rung: 'coarse' } },
  { name: 'coarse order set by hand', standing: { rung: 'coarse', byHand: true } },
  { name: 'order of retrieval', standing: { rung: 'retrieval' } },
  { name: 'slate kept from before', standing: { rung: 'cached' } },
  { name: 'popular in the country', standing: { rung: 'popular' } },
] as const satisfies readonly { readonly name: string; readonly standing: Standing }[]
type Name = (typeof standings)[number]['name']

const toldOf = ({ ladder }: Config, name: string, standing: Standing): RungRow => ({
  ...{ name, standing, configured: worthOf(ladder.quality, standing) },
})

/** Forces each rung by the faults that lead to it, for the same viewers at the same moment, with all the time in the world. */
export async function measureRungs(task: RungsTask): Promise<RungsReport> {
  const { world, config } = task
  const trials = new RungTrials(task)
  const whole = await trials.platform({ keep: true })
  const cached = await trials.measure(whole, [], 'shed') // first: what is asked below takes the place of what was kept
  const full = await trials.measure(whole, [])
  const away = await trials.platform({ storeDown: true })
  const found: Record<Name, Awaited<ReturnType<RungTrials['measure']>>> = {
    'one source down': await trials.measure(whole, ['source-down']),
    'degraded model': await trials.measure(whole, ['ranker-down']),
    'degraded model, no features': await trials.measure(whole, ['features-down']),
    'ranker set by hand': await trials.measure(whole, ['ranker-down', 'degraded-down']),
    'order of the coarse model': await trials.measure(whole, ['features-down', 'degraded-down']),
    'coarse order set by hand': await trials.measure(whole, ['coarse-down', 'features-down', 'degraded-down']),
    'order of retrieval': await trials.byRetrieval(whole),
    'slate kept from before': cached,
    'fine model, features of items and viewers missing': await trials.measure(away, ['degraded-down']),
    'degraded model, features of items and viewers missing': await trials.measure(away, []),
    'popular in the country': await trials.measure(await trials.platform({}), [], 'shed'),
  }
  const beside = {
    'every index down': await trials.measure(whole, ['index-down']),
    ...(Object.hasOwn(config.budgets.profiles, '50ms')
      ? { 'profile 50ms': await trials.measure(await trials.platform({ profile: '50ms' }), []) }
      : {}),
  }
  const worth = (name: Name) => trials.shareOf(found[name], full)
  const rows = [
    ...standings.map(({ name, standing }) => ({
      ...toldOf(config, name, standing),
      ...{ rungs: found[name].rungs, worth: worth(name) },
    })),
    ...Object.entries(beside).map(([name, one]) => ({ name, rungs: one.rungs, worth: trials.shareOf(one, full) })),
  ]
  const figure = (...names: readonly Name[]) =>
    Math.min(1, Math.floor(100 * Math.min(...names.map((name) => worth(name).value))) / 100)
  const named = whole.models.flatMap(({ model, version }) =>
    model !== undefined && version !== undefined ? [[model, version] as const] : [],
  )
  return {
    rows,
    measured: {
      ...{ users: world.sizes.users, items: world.sizes.items, viewers: trials.viewers.length },
      models: Object.fromEntries(named),
      full: trials.meanOf(full),
      quality: {
        partial: figure('one source down'),
        degraded: figure('degraded model'),
        coarse: figure('order of the coarse model'),
        retrieval: figure('order of retrieval'),
        cached: figure('slate kept from before'),
        popular: figure('popular in the country'),
        withoutFeatures: {
          partial: figure('fine model, features of items and viewers missing'),
          degraded: figure('degraded model, no features', 'degraded model, features of items and viewers missing'),
        },
        byHand: { degraded: figure('ranker set by hand'), coarse: figure('coarse order set by hand') },
      },
    },
  }
}
