import Type from 'typebox'
import { EngineStatus, Health, NoQuery, Observations, ObservationsQuery, Readiness } from '../contract/index.ts'
import { JSON_TYPE, route } from '../route.ts'

export const operations = [
  route({
    name: 'health',
    method: 'GET',
    path: '/health',
    needs: 'none',
    group: 'operations',
    summary: 'Is the process alive? For the one who restarts it.',
    schema: {},
    gives: { type: JSON_TYPE, schema: Health },
    early: true,
    handle({ engine }) {
      const { version, uptimeSeconds } = engine.status()
      return { alive: true, version, uptimeSeconds }
    },
  }),
  route({
    name: 'ready',
    method: 'GET',
    path: '/ready',
    needs: 'none',
    group: 'operations',
    summary: 'Does it serve requests? For the one who sends traffic. 503 and what it is doing, until it does.',
    schema: {},
    gives: { type: JSON_TYPE, schema: Readiness },
    early: true,
    handle({ engine, stopping }, _, reply) {
      const { ready, phase, items, users, events } = engine.status()
      const serving = ready && !stopping.aborted
      if (!serving) reply.code(503).header('retry-after', '1')
      return { ready: serving, phase: stopping.aborted ? 'stopping' : phase, items, users, events }
    },
  }),
  route({
    name: 'status',
    method: 'GET',
    path: '/v1/status',
    needs: 'admin',
    group: 'operations',
    summary: 'What the platform holds and how it is: counts, bytes, memory by part.',
    schema: { querystring: NoQuery },
    gives: { type: JSON_TYPE, schema: EngineStatus },
    early: true,
    handle: ({ engine }) => engine.status(),
  }),
  route({
    name: 'observations',
    method: 'GET',
    path: '/v1/observations',
    needs: 'admin',
    group: 'operations',
    summary: 'What changed, and what each minute was like: the last hour, or a part of the last day that is asked for.',
    more: '`sluice triage` reads the whole day so, part by part, to say what is wrong, since when, and what changed at that time.',
    schema: { querystring: ObservationsQuery },
    gives: { type: JSON_TYPE, schema: Observations },
    handle: ({ engine }, { query }) => engine.observations(query),
  }),
  route({
    name: 'metrics',
    method: 'GET',
    path: '/metrics',
    needs: 'read',
    group: 'operations',
    summary: 'Measurements in the Prometheus text format.',
    schema: {},
    gives: { type: 'text/plain', schema: Type.String() },
    early: true,
    async handle({ engine, metrics }, _, reply) {
      const status = engine.status()
      metrics.ready(status.ready)
      metrics.items(status.items)
      metrics.users(status.users)
      metrics.pending(status.pending)
      metrics.journalBytes(status.journalBytes)
      for (const [part, bytes] of Object.entries(status.memory)) metrics.stateBytes(part, bytes)
      reply.type(metrics.contentType)
      return metrics.text()
    },
  }),
  route({
    name: 'apiDocument',
    method: 'GET',
    path: '/v1/openapi.json',
    needs: 'none',
    group: 'operations',
    summary: 'This interface as an OpenAPI document.',
    schema: { querystring: NoQuery },
    gives: { type: JSON_TYPE, schema: Type.Object({ openapi: Type.String() }, { additionalProperties: true }) },
    early: true,
    handle: ({ apiDocument }) => apiDocument(),
  }),
]
