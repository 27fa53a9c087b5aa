import type { SluiceError } from '../../foundation/base/index.ts'
import { RANKER, rankerConfig } from '../../serving/inference/index.ts'
import { openRegistry } from '../learn/models.ts'
import type { Parts } from '../parts.ts'
import type { Protocol } from './report.ts'

/**
 * Takes live retrieval models into use where the protocol asks for nothing that they have learnt: the last item of a history,
 * or what was consumed from `askedFrom` on. Says which and why.
 */
export async function useRetrievers(
  parts: Parts,
  data: string,
  { protocol, askedFrom }: { readonly protocol: Protocol; readonly askedFrom: number },
): Promise<string[]> {
  const registry = openRegistry(data)
  const notes: string[] = []
  for (const model of parts.retrievers) {
    const { artifact, refused } = await registry.loadLive(model.name)
    notes.push(...refused.map(({ version, error }) => refusal(`${model.name}/${version}`, error)))
    if (artifact === undefined) {
      if (registry.versions(model.name).length > 0)
        notes.push(`no version of the ${model.name} model is live, so it has no row: sluice models list says why`)
      continue
    }
    const { version, config } = artifact.manifest
    const unlearnt = unlearntBy(config, protocol, askedFrom)
    if (unlearnt === undefined) {
      const way = protocol === 'time-split' ? '; see sluice train --holdout' : ''
      notes.push(`the ${model.name} model ${version} is left out: it may have learnt what this protocol asks for${way}`)
      continue
    }
    await model.use(artifact)
    await model.settled()
    notes.push(`the ${model.name} model ${version} has ${unlearnt}`)
  }
  return notes
}

/** Why a retrieval model knows nothing of what is asked; undefined when it may know. */
function unlearntBy(
  config: { readonly held?: number; readonly heldFrom?: number },
  protocol: Protocol,
  askedFrom: number,
): string | undefined {
  const { held = 0, heldFrom = Number.POSITIVE_INFINITY } = config
  if (protocol === 'leave-one-out') return held >= 1 ? `not learnt the last ${held} items of any history` : undefined
  return heldFrom <= askedFrom ? `learnt nothing from ${moment(heldFrom)} on` : undefined
}

/** Takes the live fine and coarse rankers into use that have learnt nothing from `askedFrom` on; says which and why. */
export async function useRankers(
  { rankers }: Parts,
  data: string,
  askedFrom: number,
): Promise<{ readonly used: boolean; readonly notes: string[] }> {
  const registry = openRegistry(data)
  const notes: string[] = []
  let used = false
  for (const place of ['fine', 'coarse'] as const) {
    const ranker = rankers[place]
    if (ranker.model === undefined) continue
    const { artifact, refused } = await registry.loadLive(ranker.model, ranker.expected)
    notes.push(...refused.map(({ version, error }) => refusal(`${ranker.model}/${version}`, error)))
    if (artifact === undefined) continue
    const name = `${ranker.model}/${artifact.manifest.version}`
    if (artifact.manifest.kind !== RANKER) {
      notes.push(`spine-learned goes without ${name}: it comes from outside, and nothing says until when it has learnt`)
      continue
    }
    const { learntUntil } = rankerConfig(artifact)
    if (!(learntUntil <= askedFrom)) {
      notes.push(
        `spine-learned goes without ${name}: it has learnt until ${moment(learntUntil)}, and what is asked for begins at ` +
          `${moment(askedFrom)}; see sluice train --holdout`,
      )
      continue
    }
    await ranker.use(artifact)
    used = true
    notes.push(`spine-learned has ${name} as ${place} ranker; it has learnt nothing from ${moment(learntUntil)} on`)
  }
  if (notes.length === 0) notes.push('no learned ranker is live: the spine is judged with the rules set by hand alone')
  return { used, notes }
}

/** Gives back what `useRankers` took. */
export async function idleRankers({ rankers }: Parts): Promise<void> {
  for (const ranker of [rankers.fine, rankers.coarse]) await ranker.use(undefined)
}

const refusal = (name: string, { code }: SluiceError): string => `${name} is refused (${code}) and takes no part`
const moment = (at: number): string => new Date(at).toISOString()
