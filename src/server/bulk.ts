import { RequestError } from './errors.ts'
import { type LineBounds, LinesBody } from './lines.ts'
import { limits } from './limits.ts'

interface Rejection {
  readonly index: number
  readonly code: string
  readonly message: string
}

/** What the engine says of one batch: how many of each name, and what it turned away. */
type BatchReport<Name extends string> = Readonly<Record<Name, number>> & { readonly rejected: readonly Rejection[] }

export type BulkReport<Name extends string> = Record<Name, number> & {
  rejected: Rejection[]
  /** Rejections beyond those listed. */
  omitted?: number
}

/** What is counted of puts. */
export const putCounts = ['accepted', 'added', 'changed', 'unchanged'] as const

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
 * fast sender is slowed down. Indices in the report are those of the lines; `counts`: what is summed up.
 */
export async function putLines<Name extends string>(
  body: LinesBody,
  bounds: LineBounds,
  counts: readonly Name[],
  put: (batch: readonly unknown[]) => Promise<BatchReport<Name>>,
): Promise<BulkReport<Name>> {
  const sums = Object.fromEntries(counts.map((name) => [name, 0])) as Record<Name, number>
  const told: { rejected: Rejection[]; omitted?: number } = { rejected: [] }
  let values: unknown[] = []
  let places: number[] = []
  const reject = (rejection: Rejection) => {
    if (told.rejected.length < limits.rejectionsMax) told.rejected.push(rejection)
    else told.omitted = (told.omitted ?? 0) + 1
  }
  const flush = async () => {
    const batch = await put(values)
    for (const name of counts) sums[name] += batch[name]
    for (const { index, code, message } of batch.rejected) reject({ index: places[index] ?? index, code, message })
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
  return { ...sums, ...told }
}

export { LinesBody }
