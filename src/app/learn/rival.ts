import type { Artifact, Registry } from '../../learning/registry/index.ts'
import { RANKER, rankerConfig, type TwoTowerEntry } from '../../serving/inference/index.ts'
import { knowsNoMore } from './held-out.ts'
import { trainedWhole } from './trained-whole.ts'

/** A version that a candidate is held against. */
export interface Rival {
  readonly name: string
  readonly artifact: Artifact
}

/**
 * Whom a candidate is held against on what comes from `judgedFrom` on: the live version; where that has learnt what judges,
 * the one trained as a whole that it went on from. `strict`: nobody, where neither is fair; else the live version all the same.
 */
export async function rivalOf(
  registry: Registry,
  live: Artifact | undefined,
  judgedFrom: number,
  strict: boolean,
): Promise<Rival | undefined> {
  if (live?.manifest.kind !== RANKER) return undefined // none, or one from outside under this name
  const { name, version } = live.manifest
  const learnt = (artifact: Artifact) => rankerConfig(artifact).learntUntil > judgedFrom
  const itself = { name: `live version ${version}`, artifact: live }
  if (!learnt(live)) return itself
  const whole = trainedWhole(live.manifest)
  if (whole !== version && registry.versions(name).includes(whole)) {
    const artifact = await registry.load(name, whole)
    if (!learnt(artifact)) return { name: `version ${whole}, which live version ${version} went on from`, artifact }
  }
  return strict ? undefined : itself
}

/**
 * The same of two towers, that are judged on each user's last item: one that went on learning from the stream has learnt
 * that, so the one trained as a whole stands for it. Undefined where neither is fair.
 */
export async function fairTowers(
  registry: Registry,
  live: Artifact | undefined,
  heldFrom: number | undefined,
): Promise<Artifact | undefined> {
  if (live === undefined) return undefined
  const fair = ({ manifest }: Artifact) => {
    const { held, heldFrom: from } = manifest.config as unknown as TwoTowerEntry
    return held > 0 && knowsNoMore(from === undefined ? {} : { heldFrom: from }, heldFrom)
  }
  if (fair(live)) return live
  const { name, version } = live.manifest
  const whole = trainedWhole(live.manifest)
  if (whole === version || !registry.versions(name).includes(whole)) return undefined
  const artifact = await registry.load(name, whole)
  return fair(artifact) ? artifact : undefined
}
