import { SlateRequest as SlateRequestSchema, Slate, type SlateRequest } from '../../domain/index.ts'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { systemClock } from '../../foundation/base/index.ts'
import { Explanation, NoQuery } from '../contract/index.ts'
import { requireFlat } from '../depth.ts'
import { JSON_TYPE, route } from '../route.ts'

export const slates = [
  route({
    name: 'makeSlate',
    method: 'POST',
    path: '/v1/slates',
    needs: 'read',
    group: 'slates',
    summary: 'Make a slate: the items to show to a viewer on a surface, in order.',
    more: 'Send the id of the slate back with the events that come of it. The cursor of one page asks for the next.',
    schema: { querystring: NoQuery, body: SlateRequestSchema },
    gives: { type: JSON_TYPE, schema: Slate },
    fails: [
      'ERR_SURFACE_UNKNOWN',
      'ERR_ITEM_REQUIRED',
      'ERR_ITEM_NOT_FOUND',
      'ERR_QUERY_REQUIRED',
      'ERR_CURSOR_INVALID',
      'ERR_RULE_INVALID',
    ],
    example: { surface: 'home', user: 'u1', limit: 5, filter: { field: 'duration', max: 600 } },
    handle({ engine, traces }, request) {
      const { body, arrived } = request
      if (body.filter !== undefined) requireFlat(body.filter, '/filter')
      const waited = systemClock.ticks() - arrived
      return traces.slate(request as FastifyRequest, () => engine.slate(body as SlateRequest, waited))
    },
  }),
  route({
    name: 'explainSlate',
    method: 'GET',
    path: '/v1/slates/:id/explain',
    needs: 'admin',
    group: 'slates',
    summary: 'Why a slate looks as it does: funnel, sources, scores, features, reasons.',
    schema: { params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) }), querystring: NoQuery },
    gives: { type: JSON_TYPE, schema: Explanation },
    fails: ['ERR_SLATE_NOT_FOUND'],
    handle: ({ engine }, { params }) => engine.explain(params.id),
  }),
]
