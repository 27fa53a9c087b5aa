import type { FastifyReply } from 'fastify'
import { Item, User } from '../../domain/index.ts'
import { NoQuery, StoredEvent } from '../contract/index.ts'
import { type Context, LINES_TYPE, route } from '../route.ts'
import { sendLines } from '../send.ts'

async function send({ exports, log }: Context, values: () => Iterable<unknown>, reply: FastifyReply) {
  const leave = exports.enter()
  try {
    await sendLines(reply, values(), log)
  } finally {
    leave()
  }
}

const common = {
  method: 'GET',
  needs: 'admin',
  group: 'exports',
  schema: { querystring: NoQuery },
  fails: ['ERR_OVERLOADED'],
  stream: true,
} as const

export const exports = [
  route({
    ...common,
    name: 'exportItems',
    path: '/v1/export/items',
    summary: 'Every item, as JSON lines.',
    gives: { type: LINES_TYPE, schema: Item },
    handle: (context, _, reply) => send(context, () => context.engine.allItems(), reply),
  }),
  route({
    ...common,
    name: 'exportUsers',
    path: '/v1/export/users',
    summary: 'Every user with a record, as JSON lines.',
    gives: { type: LINES_TYPE, schema: User },
    handle: (context, _, reply) => send(context, () => context.engine.allUsers(), reply),
  }),
  route({
    ...common,
    name: 'exportEvents',
    path: '/v1/export/events',
    summary: 'Every event that is kept, in the order of acceptance, as JSON lines.',
    gives: { type: LINES_TYPE, schema: StoredEvent },
    handle: (context, _, reply) => send(context, () => context.engine.allEvents(), reply),
  }),
]
