import Type from 'typebox'
import { User } from '../../domain/index.ts'
import { LinesBody, putCounts, putLines, recordsOf } from '../bulk.ts'
import { ById, ErasureReport, NoQuery, UpsertReport, UsersBody, UserView } from '../contract/index.ts'
import { limits } from '../limits.ts'
import { JSON_TYPE, LINES_TYPE, route } from '../route.ts'
import { putOne } from './put-one.ts'

const one = { params: ById, querystring: NoQuery }

export const users = [
  route({
    name: 'putUsers',
    method: 'PUT',
    path: '/v1/users',
    needs: 'write',
    group: 'users',
    summary: 'Add or replace many users. A user needs no record before the first event.',
    more: 'JSON lines are taken as a stream, one user a line; when that breaks off halfway, what came before it is kept, and sending all of it again is safe.',
    schema: { querystring: NoQuery },
    takes: { [JSON_TYPE]: UsersBody, [LINES_TYPE]: User },
    gives: { type: JSON_TYPE, schema: UpsertReport },
    fails: ['ERR_DISK_WRITE'],
    example: [{ id: 'u1', country: 'NO', language: 'nb', age: 34, interests: ['music'] }],
    bulk: true,
    msMax: limits.longRequestMsMax,
    async handle({ engine, config }, { body }) {
      if (!(body instanceof LinesBody)) return engine.putUsers(recordsOf(body, 'users'))
      const bounds = { lineMax: config.bodyBytesMax, bodyMax: config.bulkBytesMax }
      return putLines(body, bounds, putCounts, (batch) => engine.putUsers(batch))
    },
  }),
  route({
    name: 'putUser',
    method: 'PUT',
    path: '/v1/users/:id',
    needs: 'write',
    group: 'users',
    summary: 'Add or replace one user. The id may be left out of the body. `optOut` ends personalisation.',
    schema: { ...one },
    takes: { [JSON_TYPE]: Type.Partial(User) },
    gives: { type: JSON_TYPE, schema: UserView },
    fails: ['ERR_DISK_WRITE', 'ERR_USER_ERASING'],
    example: { country: 'NO', optOut: true },
    async handle({ engine }, { params, body }) {
      await putOne(params.id, body, (batch) => engine.putUsers(batch))
      return engine.user(params.id)
    },
  }),
  route({
    name: 'getUser',
    method: 'GET',
    path: '/v1/users/:id',
    needs: 'admin',
    group: 'users',
    summary: 'Read one user and their latest history: what is kept about them.',
    schema: one,
    gives: { type: JSON_TYPE, schema: UserView },
    fails: ['ERR_USER_NOT_FOUND'],
    handle: ({ engine }, { params }) => engine.user(params.id),
  }),
  route({
    name: 'eraseUser',
    method: 'DELETE',
    path: '/v1/users/:id',
    needs: 'admin',
    group: 'users',
    summary: 'Erase a user completely: profile, events, served slates, features. Cannot be undone.',
    schema: one,
    gives: { type: JSON_TYPE, schema: ErasureReport },
    fails: ['ERR_USER_NOT_FOUND', 'ERR_DISK_WRITE'],
    msMax: limits.longRequestMsMax,
    handle: ({ engine }, { params }) => engine.eraseUser(params.id),
  }),
]
