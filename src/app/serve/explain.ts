import { SluiceError } from '../../foundation/base/index.ts'
import type { StageReport } from '../../domain/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import { decodeFeatures, type ServedLog } from '../../serving/served/index.ts'
import type { Explanation } from '../engine.ts'

/**
 * Why a slate looks as it does, from the served log alone.
 * @throws SluiceError ERR_SLATE_NOT_FOUND
 */
export function explain(served: ServedLog, state: State, id: string): Explanation {
  const record = served.find(id)
  if (!record) throw new SluiceError('ERR_SLATE_NOT_FOUND', [id])
  const names = served.featureNames(record.featureDigest) ?? []
  return {
    slate: record.slate,
    surface: record.surface,
    user: record.user,
    at: record.at,
    rung: record.rung,
    digest: record.digest,
    ...(record.models && { models: record.models }),
    funnel: record.funnel,
    removals: record.removals,
    stages: timed(record.stages),
    sources: record.sources,
    items: record.items.map((item) => ({
      ...item,
      title: state.items.document(state.items.ids.find(item.item))?.title,
      features: named(names, decodeFeatures(item.features)),
    })),
    runnersUp: record.runnersUp,
  }
}

function named(names: readonly string[], values: Float32Array): Record<string, number> {
  return Object.fromEntries(names.slice(0, values.length).map((name, i) => [name, Number(values[i]?.toPrecision(6))]))
}

/** Records of earlier versions do not say when a stage began: one after the other. */
function timed(stages: readonly StageReport[]): StageReport[] {
  let end = 0
  return stages.map((stage) => {
    const { at = end, budget = 0 } = stage as Partial<StageReport>
    end = at + stage.ms
    return { ...stage, at, budget }
  })
}
