import type { Retrieved } from '../../pipeline/index.ts'

/** The first `limit` of a list. */
export function first(list: Retrieved, limit: number): Retrieved {
  if (list.rows.length <= limit) return list
  return { rows: start(list.rows, limit), scores: start(list.scores, limit) }
}

function start(values: ArrayLike<number>, limit: number): ArrayLike<number> {
  if (values instanceof Uint32Array || values instanceof Float32Array) return values.subarray(0, limit)
  return Array.prototype.slice.call(values, 0, limit) as number[]
}
