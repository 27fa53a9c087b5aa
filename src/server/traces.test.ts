import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  ParentBasedSampler,
  type ReadableSpan,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTraces } from '../foundation/telemetry/index.ts'
import { fakeEngine } from './testing/fake-engine.ts'
import { type OpenServer, openServer } from './testing/open-server.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const slate = { method: 'POST', url: '/v1/slates', payload: { surface: 'home' } } as const

describe('traces', () => {
  const exporter = new InMemorySpanExporter()
  const provider = (sampleShare: number) =>
    new BasicTracerProvider({
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleShare) }),
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    })
  let open: OpenServer
  beforeAll(async () => {
    open = await openServer({ engine: fakeEngine({ items: 5 }), tracer: provider(1).getTracer('sluice') })
  })
  afterAll(() => open.server.close())
  beforeEach(() => exporter.reset())

  const spans = () => new Map(exporter.getFinishedSpans().map((span) => [span.name, span] as const))
  const ms = ([seconds, nanos]: ReadableSpan['startTime']) => seconds * 1000 + nanos / 1e6

  it('hold a span for the request and one for each stage of the slate, inside it', async () => {
    const { body, headers } = await open.ask(slate)
    const stages = (body as { stages: { stage: string; ms: number; out: number }[] }).stages
    expect(stages.length).toBeGreaterThan(0)
    const request = spans().get('POST /v1/slates') as ReadableSpan
    expect(request.parentSpanContext).toBeUndefined()
    expect(request.attributes).toMatchObject({
      'http.route': '/v1/slates',
      'http.response.status_code': 200,
      'sluice.surface': 'home',
      'sluice.rung': 'full',
    })
    for (const { stage, ms: took, out } of stages) {
      const child = spans().get(stage) as ReadableSpan
      expect(child.parentSpanContext?.spanId).toBe(request.spanContext().spanId)
      expect(child.spanContext().traceId).toBe(request.spanContext().traceId)
      expect(child.attributes).toMatchObject({ 'sluice.stage.out': out })
      expect(ms(child.endTime) - ms(child.startTime)).toBeCloseTo(took, 2)
      expect(ms(child.startTime)).toBeGreaterThanOrEqual(ms(request.startTime))
    }
    const { traceId, spanId } = request.spanContext()
    expect(headers['traceresponse']).toBe(`00-${traceId}-${spanId}-01`)
  })

  it('go on with the trace that the client is in, and pass it on', async () => {
    const { headers } = await open.ask({ ...slate, headers: { traceparent: `00-${TRACE}-${PARENT}-01` } })
    const request = spans().get('POST /v1/slates') as ReadableSpan
    expect(request.spanContext().traceId).toBe(TRACE)
    expect(request.parentSpanContext).toMatchObject({ spanId: PARENT, isRemote: true })
    expect(headers['traceresponse']).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
  })

  it('follow the decision of the parent: what it does not sample is not recorded', async () => {
    const { headers } = await open.ask({ ...slate, headers: { traceparent: `00-${TRACE}-${PARENT}-00` } })
    expect(spans().size).toBe(0)
    expect(headers['traceresponse']).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`))
  })

  it.each([
    ['nonsense', 'abc'],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['another version', `01-${TRACE}-${PARENT}-01`],
  ])('begin anew for %s', async (_, traceparent) => {
    await open.ask({ ...slate, headers: { traceparent } })
    const request = spans().get('POST /v1/slates') as ReadableSpan
    expect(request.parentSpanContext).toBeUndefined()
    expect(request.spanContext().traceId).not.toBe(TRACE)
  })

  it('leave out probes and scrapes, unless those are part of a trace', async () => {
    for (const url of ['/health', '/ready', '/metrics']) await open.ask({ method: 'GET', url })
    expect(spans().size).toBe(0)
    await open.ask({ method: 'GET', url: '/health', headers: { traceparent: `00-${TRACE}-${PARENT}-01` } })
    expect([...spans().keys()]).toEqual(['GET /health'])
  })

  it('mark errors of the server, not those of clients', async () => {
    const failing = fakeEngine()
    failing.before = () => {
      throw new Error('broken')
    }
    const other = await openServer({ engine: failing, tracer: provider(1).getTracer('sluice') })
    await other.ask(slate)
    expect(spans().get('POST /v1/slates')?.status.code).toBe(2)
    exporter.reset()
    await open.ask({ ...slate, payload: { surface: 7 } })
    expect(spans().get('POST /v1/slates')?.status.code).toBe(0)
    await other.server.close()
  })

  it('name no user, item or query', async () => {
    await open.ask({ ...slate, payload: { surface: 'search', user: 'anna', query: 'secret wish' } })
    const told = JSON.stringify(exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes]))
    expect(told).toContain('/v1/slates')
    expect(told).not.toMatch(/anna|secret/)
  })
})

describe('traces without anyone who wants them', () => {
  it('change nothing', async () => {
    const { tracer, close } = await openTraces({ url: '', sampleShare: 1, service: 'sluice' }, '0.0.0')
    const open = await openServer({ tracer })
    const { status, headers } = await open.ask(slate)
    expect(status).toBe(200)
    expect(headers).not.toHaveProperty('traceresponse')
    await open.server.close()
    await close()
  })
})

describe('traces by OTLP', () => {
  let collector: HttpServer
  let url = ''
  const taken: { url: string | undefined; body: string }[] = []
  beforeAll(async () => {
    collector = createServer(async (request, reply) => {
      let body = ''
      for await (const piece of request) body += String(piece)
      taken.push({ url: request.url, body })
      reply.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
    await new Promise<void>((done) => collector.listen(0, '127.0.0.1', done))
    url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`
  })
  afterAll(() => collector.close())

  it('reach a collector, with the name of the service', async () => {
    const traces = await openTraces({ url, sampleShare: 1, service: 'shop' }, '1.2.3')
    const open = await openServer({ engine: fakeEngine({ items: 5 }), tracer: traces.tracer })
    await open.ask(slate)
    await open.server.close()
    await traces.close()
    expect(taken).toHaveLength(1)
    expect(taken[0]?.url).toBe('/v1/traces')
    const [{ resource, scopeSpans }] = JSON.parse(taken[0]?.body ?? '').resourceSpans
    expect(resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'shop' } })
    expect(scopeSpans[0].spans.map(({ name }: { name: string }) => name)).toContain('POST /v1/slates')
  })

  it('do not keep a server from stopping when the collector is gone', async () => {
    const gone = await openTraces({ url: 'http://127.0.0.1:9/v1/traces', sampleShare: 1, service: 'shop' }, '1.2.3')
    gone.tracer.startSpan('lost').end()
    await gone.close()
  })
})
