import type { UpsertReport } from '../../app/index.ts'
import { SluiceError } from '../../foundation/base/index.ts'
import { RequestError } from '../errors.ts'

/**
 * Puts the record of a path: the id in the body, when there is one, must be the same.
 * @throws RequestError when the engine rejects it; SluiceError ERR_USER_ERASING
 */
export async function putOne(
  id: string,
  body: unknown,
  put: (batch: readonly unknown[]) => Promise<UpsertReport>,
): Promise<void> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new RequestError('/', 'must be an object')
  const given = (body as { id?: unknown }).id
  if (given !== undefined && given !== id) throw new RequestError('/id', `must be "${id}", as in the path`)
  const { rejected } = await put([{ ...body, id }])
  const [refused] = rejected
  if (refused?.code === 'ERR_USER_ERASING') throw new SluiceError(refused.code, [id])
  if (refused) throw new RequestError('body', refused.message)
}
