import { Item } from '../../domain/index.ts'
import { LinesBody, putCounts, putLines, recordsOf } from '../bulk.ts'
import { ById, ItemsBody, NoQuery, SimilarItems, SimilarQuery, UpsertReport } from '../contract/index.ts'
import { limits } from '../limits.ts'
import { JSON_TYPE, LINES_TYPE, route } from '../route.ts'
import { putOne } from './put-one.ts'
import Type from 'typebox'

const one = { params: ById, querystring: NoQuery }

export const items = [
  route({
    name: 'putItems',
    method: 'PUT',
    path: '/v1/items',
    needs: 'write',
    group: 'items',
    summary: 'Add or replace many items.',
    more: 'JSON lines are taken as a stream, one item a line; when that breaks off halfway, what came before it is kept, and sending all of it again is safe.',
    schema: { querystring: NoQuery },
    takes: { [JSON_TYPE]: ItemsBody, [LINES_TYPE]: Item },
    gives: { type: JSON_TYPE, schema: UpsertReport },
    fails: ['ERR_DISK_WRITE'],
    example: [{ id: 'i1', title: 'How to tune a piano', creator: 'c7', categories: ['music'], duration: 420 }],
    bulk: true,
    msMax: limits.longRequestMsMax,
    async handle({ engine, config }, { body }) {
      if (!(body instanceof LinesBody)) return engine.putItems(recordsOf(body, 'items'))
      const bounds = { lineMax: config.bodyBytesMax, bodyMax: config.bulkBytesMax }
      return putLines(body, bounds, putCounts, (batch) => engine.putItems(batch))
    },
  }),
  route({
    name: 'putItem',
    method: 'PUT',
    path: '/v1/items/:id',
    needs: 'write',
    group: 'items',
    summary: 'Add or replace one item. The id may be left out of the body.',
    schema: { ...one },
    takes: { [JSON_TYPE]: Type.Partial(Item) },
    gives: { type: JSON_TYPE, schema: Item },
    fails: ['ERR_DISK_WRITE'],
    example: { title: 'How to tune a piano', creator: 'c7', categories: ['music'], duration: 420 },
    async handle({ engine }, { params, body }) {
      await putOne(params.id, body, (batch) => engine.putItems(batch))
      return engine.item(params.id)
    },
  }),
  route({
    name: 'getItem',
    method: 'GET',
    path: '/v1/items/:id',
    needs: 'read',
    group: 'items',
    summary: 'Read one item.',
    schema: one,
    gives: { type: JSON_TYPE, schema: Item },
    fails: ['ERR_ITEM_NOT_FOUND'],
    handle: ({ engine }, { params }) => engine.item(params.id),
  }),
  route({
    name: 'deleteItem',
    method: 'DELETE',
    path: '/v1/items/:id',
    needs: 'write',
    group: 'items',
    summary: 'Take one item out of the catalogue: it is on no slate from now on.',
    schema: one,
    gives: { type: JSON_TYPE, schema: Type.Object({ deleted: Type.String() }) },
    fails: ['ERR_ITEM_NOT_FOUND', 'ERR_DISK_WRITE'],
    async handle({ engine }, { params }) {
      await engine.deleteItem(params.id)
      return { deleted: params.id }
    },
  }),
  route({
    name: 'similarItems',
    method: 'GET',
    path: '/v1/items/:id/similar',
    needs: 'read',
    group: 'items',
    summary: 'Items like this one or consumed with it that a stranger may be shown, best first.',
    schema: { params: ById, querystring: SimilarQuery },
    gives: { type: JSON_TYPE, schema: SimilarItems },
    fails: ['ERR_ITEM_NOT_FOUND'],
    handle: ({ engine }, { params, query }) => ({
      item: params.id,
      items: engine.similar(params.id, query.limit ?? 20),
    }),
  }),
]
