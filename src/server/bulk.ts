import { RequestError } from './errors.ts'
import { type LineBounds, LinesBody } from './lines.ts'
import { limits } from './limits.ts'

interface Rejection {
  readonly index: number
  readonly code: string
  readonly message: string
}

/** What the engine says of one batch. */
interface BatchReport {
  readonly accepted: number
  readonly duplicate?: number
  readonly rejected: readonly Rejection[]
}

export interface BulkReport {
  accepted: number
  duplicate: number
  rejected: Rejection[]
  /** Rejections beyond those listed. */
  omitted?: number
}

/** The records of a JSON body: an array, or an object with the array under `name`. */
export function recordsOf(body: unknown, name: string): readonly unknown[] {
  if (Array.isArray(body)) return body
  if (typeof body === 'object' && body !== null) {
    const [only, ...others] = Object.keys(body)
    const records = (body as Record<string, unknown>)[name]
    if (only === name && others.length === 0 && Array.isArray(records)) return records
  }
  throw new RequestError('body', `must be an array, or {"${name}": [...]} and nothing else`)
}

/**
 * Hands a JSON lines body to the engine in batches. Each batch is waited for before more of the body is read, so a
 * fast sender is slowed down. Indices in the report are those of the lines.
 */
export async function putLines(
  body: LinesBody,
  bounds: LineBounds,
  put: (batch: readonly unknown[]) => Promise<BatchReport>,
): Promise<BulkReport> {
  const report: BulkReport = { accepted: 0, duplicate: 0, rejected: [] }
  let values: unknown[] = []
  let places: number[] = []
  const reject = (rejection: Rejection) => {
    if (report.rejected.length < limits.rejectionsMax) report.rejected.push(rejection)
    else report.omitted = (report.omitted ?? 0) + 1
  }
  const flush = async () => {
    const { accepted, duplicate = 0, rejected } = await put(values)
    report.accepted += accepted
    report.duplicate += duplicate
    for (const { index, code, message } of rejected) reject({ index: places[index] ?? index, code, message })
    values = []
    places = []
  }
  for await (const line of body.read(bounds)) {
    if ('error' in line) {
      reject({ index: line.index, code: 'ERR_BODY_INVALID', message: line.error })
      continue
    }
    values.push(line.value)
    places.push(line.index)
    if (values.length >= limits.bulkBatchMax) await flush()
  }
  if (values.length > 0) await flush()
  return report
}

export { LinesBody }
