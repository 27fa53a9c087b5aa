import Type from 'typebox'
import { amount, choice, group, whole } from './knobs.ts'

export const ServerConfig = group('The HTTP server.', {
  host: Type.String({
    default: '127.0.0.1',
    description: 'Address to listen on; 0.0.0.0 for every network.',
    unit: 'address',
  }),
  port: whole(
    'Port to listen on; 0 for any free one. The environment variable PORT goes before it.',
    'port',
    8787,
    0,
    65_535,
  ),
  bodyBytesMax: whole('Largest request body.', 'bytes', 4_194_304, 1024, 1_073_741_824),
  bulkBytesMax: whole('Largest body of a bulk upload (JSON lines).', 'bytes', 268_435_456, 1024, 4_294_967_296),
  eventsMax: whole('Most events in one request.', 'events', 5000, 1, 100_000),
  requestsPerMinute: whole(
    'Requests one client address may send in a minute; 0 for no limit.',
    'requests',
    0,
    0,
    10_000_000,
  ),
  apiKeys: Type.Array(
    Type.Object(
      {
        key: Type.String({ minLength: 8, writeOnly: true, description: 'The secret.' }),
        rights: Type.Array(Type.Enum(['read', 'write', 'admin']), {
          description:
            'read: slates, items, metrics; write: events, items, users; admin: explanations, portfolio, status, faults, event tail, exports, reading and erasing users.',
        }),
      },
      { additionalProperties: false },
    ),
    {
      default: [],
      description: 'Keys that clients must send. None: the server is open, and listens on this machine only.',
    },
  ),
  origins: Type.Array(Type.String({ pattern: '^https?://[^/]+$', maxLength: 256 }), {
    default: [],
    maxItems: 100,
    description: 'Origins whose pages may ask from a browser (CORS), such as https://www.example.com.',
  }),
  workers: whole(
    'Threads that make slates beside the one that takes requests and events, over the same memory; 0: that one makes them too.',
    'threads',
    0,
    0,
    16,
  ),
  drainMs: amount('Longest wait for running requests when stopping.', 'ms', 5000, 0, 60_000),
  traces: group('OpenTelemetry traces: a span per request and, of a slate, per stage.', {
    url: Type.String({
      default: '',
      description:
        'Where spans are sent by OTLP over HTTP, such as http://localhost:4318/v1/traces; empty for nowhere.',
      unit: 'address',
      maxLength: 2048,
    }),
    sampleShare: amount(
      'Share of the requests that are traced; one that comes with a traceparent follows its decision.',
      'share',
      0.01,
      0,
      1,
    ),
    service: Type.String({
      default: 'sluice',
      description: 'Name of the service.',
      unit: 'name',
      minLength: 1,
      maxLength: 64,
    }),
  }),
  log: choice('Least level of the log lines on standard error.', 'warn', ['debug', 'info', 'warn', 'error', 'silent']),
})
