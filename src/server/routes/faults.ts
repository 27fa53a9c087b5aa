import { injectionOf } from '../../app/index.ts'
import { FaultsBody, FaultsReport, NoQuery } from '../contract/index.ts'
import { JSON_TYPE, route } from '../route.ts'

export const faults = [
  route({
    name: 'faults',
    method: 'GET',
    path: '/v1/faults',
    needs: 'admin',
    group: 'operations',
    summary: 'The faults that are injected now, and whether this server allows any.',
    schema: { querystring: NoQuery },
    gives: { type: JSON_TYPE, schema: FaultsReport },
    handle: ({ engine }) => engine.faults(),
  }),
  route({
    name: 'injectFaults',
    method: 'PUT',
    path: '/v1/faults',
    needs: 'admin',
    group: 'operations',
    summary: 'Inject faults on purpose, in place of those injected before; an empty list ends them.',
    more: 'For tests and game days. Off unless the server was started with SLUICE_FAULTS or its configuration sets `ladder.faults`. See the guide on degradation for what each does and what is designed to happen.',
    schema: { querystring: NoQuery, body: FaultsBody },
    gives: { type: JSON_TYPE, schema: FaultsReport },
    fails: ['ERR_FAULTS_OFF', 'ERR_FAULT_INVALID'],
    example: { faults: [{ fault: 'ranker-slow', probability: 0.5, ms: 80 }] },
    handle: ({ engine }, { body }) =>
      engine.injectFaults(body.faults.map(({ fault, probability, ms }) => injectionOf(fault, probability, ms))),
  }),
]
