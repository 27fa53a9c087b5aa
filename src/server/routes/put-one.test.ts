import { expect, it } from 'vitest'
import { putOne } from './put-one.ts'

const refusing = (code: string, message: string) => async () => ({
  accepted: 0,
  added: 0,
  changed: 0,
  unchanged: 0,
  rejected: [{ index: 0, code, message }],
})

it('says of a user who is being erased that it may be sent again, and of other records what is wrong in them', async () => {
  await expect(putOne('u1', {}, refusing('ERR_USER_ERASING', 'later'))).rejects.toMatchObject({ status: 409 })
  await expect(putOne('u1', {}, refusing('ERR_RECORD_INVALID', '/age no'))).rejects.toMatchObject({ status: 400 })
})
