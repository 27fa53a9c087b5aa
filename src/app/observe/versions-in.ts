import type { DriftReference } from '../../judging/drift/index.ts'
import type { RefusedShadow } from '../learn/shadow-models.ts'
import type { Parts } from '../parts.ts'
import { trainedReference } from './trained-reference.ts'

/** What is in use now and may change: models, indexes, injected faults; by name. */
export function versionsIn(parts: Parts, refused: ReadonlyMap<string, RefusedShadow>) {
  return {
    ...modelVersions(parts),
    ...shadowVersions(parts, refused),
    ...indexVersions(parts),
    faults: { kind: 'fault' as const, version: faultsIn(parts) },
  }
}

/** By model; told apart from the version of it that serves. */
function shadowVersions({ models }: Parts, refused: ReadonlyMap<string, RefusedShadow>) {
  const named = models.flatMap(({ model, shadow }) => {
    if (model === undefined || !shadow) return []
    const no = refused.get(model)
    const version = no ? `${no.version}, which was refused: ${no.why}` : shadow.version
    return [[`${model} shadow`, { kind: 'shadow' as const, version }] as const]
  })
  return Object.fromEntries(named)
}

/** By source; told apart from the model of that name. */
function indexVersions({ vectorIndexes }: Parts) {
  const versions = Object.entries(vectorIndexes.versions())
  return Object.fromEntries(
    versions.map(([source, version]) => [`${source} index`, { kind: 'index' as const, version }]),
  )
}

/** Names of the faults that are injected; undefined for none. */
function faultsIn({ ladder }: Parts): string | undefined {
  return ladder.injector.active.map(({ fault }) => fault).join(', ') || undefined
}

/** What the fine ranker in use was trained on. */
export function trainedBy({ rankers }: Parts, models: string): DriftReference | undefined {
  const { model, version } = rankers.fine
  return model === undefined || version === undefined ? undefined : trainedReference(models, model, version)
}

function modelVersions({ models }: Parts) {
  const named = models.flatMap(({ model, version }) =>
    model === undefined ? [] : [[model, { kind: 'model' as const, version }] as const],
  )
  return Object.fromEntries(named)
}
