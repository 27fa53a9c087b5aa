import { Random } from '../../foundation/base/index.ts'
import type { Config, SurfaceConfig } from '../../domain/index.ts'
import type { ScoreRequest } from '../../learning/models/index.ts'
import type { Registry } from '../../learning/registry/index.ts'
import { type RankingCodes, rankingRequest } from '../../serving/inference/index.ts'
import { askOf } from '../../serving/features/index.ts'
import type { Parts } from '../parts.ts'
import { hydrate } from '../serve/hydrate.ts'
import { knowsNoMore } from './held-out.ts'
import type { Material } from './workshop.ts'

/** Of the requests, those of visitors nobody knows, and those for what to watch after an item. */
const STRANGERS = 0.1
const NEXT = 0.25
/** Draws of a viewer per request that is wanted, until fewer will do. */
const TRIES = 10

/**
 * Requests as of the end of the journal with all the candidates that retrieval gives, and their features: what a coarse
 * ranker meets when it serves. Equal folders and seeds give equal requests. Learned
 * sources that may know what is held out propose nothing.
 */
export async function candidateRequests(
  { parts, heldFrom }: Pick<Material, 'parts' | 'heldFrom'>,
  registry: Registry,
  codes: RankingCodes,
  { count, history, seed }: { readonly count: number; readonly history: number; readonly seed: string },
): Promise<ScoreRequest[]> {
  for (const retriever of parts.retrievers) {
    const { artifact } = await registry.loadLive(retriever.name)
    await retriever.use(artifact && knowsNoMore(artifact.manifest.config, heldFrom) ? artifact : undefined)
    await retriever.settled()
  }
  const random = new Random(`${seed}/requests`)
  const made: ScoreRequest[] = []
  for (let tries = 0; made.length < count && tries < count * TRIES; tries++) {
    const request = await requestBy(parts, random, codes, history)
    if (request) made.push(request)
  }
  for (const retriever of parts.retrievers) await retriever.use(undefined)
  return made
}

/** One by a viewer that was drawn; undefined when nothing can be asked for them. */
async function requestBy(
  parts: Parts,
  random: Random,
  codes: RankingCodes,
  most: number,
): Promise<ScoreRequest | undefined> {
  const { state, features, histories, pipeline } = parts
  const row = random.int(Math.max(1, state.users.size))
  const length = row < state.users.size ? histories.length(row) : 0
  const stranger = random.chance(STRANGERS)
  if (!stranger && length === 0) return undefined
  const { starting, following } = surfacesCut(parts.config)
  const next = random.chance(starting.length > 0 ? NEXT : 1) && length > 0 && following.length > 0
  const surface = drawn(next ? following : starting, random)
  if (surface === undefined) return undefined
  const item = next ? state.items.ids.name(histories.item(row, random.int(length))) : undefined
  const query = hydrate(
    parts,
    {
      surface,
      ...(stranger ? {} : { user: state.users.ids.name(row) }),
      ...(item && { item }),
      seed: String(row),
    },
    0,
  )
  const { rows, count } = await pipeline.gather(query)
  if (count === 0) return undefined
  const values = new Float32Array(count * features.names.length)
  features.read(askOf(query), rows, values)
  return { ...rankingRequest(parts, query, codes, most), candidates: rows.slice(), features: values }
}

/** Surfaces on which there is something to cut, by what a request to them says: nothing, or the item it follows. */
function surfacesCut({ surfaces }: Pick<Config, 'surfaces'>) {
  const cut = Object.entries(surfaces).filter(([, surface]) => gives(surface) > surface.rank)
  const of = (needs: SurfaceConfig['needs']) =>
    cut.filter(([, surface]) => surface.needs === needs).map(([name]) => name)
  return { starting: of('nothing'), following: of('item') }
}

/** The most candidates that the coarse ranker of a surface can be given. */
function gives({ sources, retrieve }: SurfaceConfig): number {
  return Math.min(
    retrieve,
    Object.values(sources).reduce((all, { limit }) => all + limit, 0),
  )
}

function drawn(names: readonly string[], random: Random): string | undefined {
  return names[names.length > 1 ? random.int(names.length) : 0]
}
