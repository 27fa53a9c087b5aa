import type { IncomingHttpHeaders } from 'node:http'
import {
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Slate } from '../domain/index.ts'

/** W3C Trace Context, version 00: trace, parent, flags. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** One span per request and, of a slate, one per stage. Costs next to nothing while nobody traces. */
export class RequestTraces {
  private readonly tracer: Tracer
  private readonly spans = new WeakMap<FastifyRequest, { readonly span: Span; readonly began: number }>()

  constructor(tracer: Tracer) {
    this.tracer = tracer
  }

  /** Begins the span of a request, under the one that its `traceparent` names, and tells the client its own. */
  begin(request: FastifyRequest, reply: FastifyReply, path: string): void {
    const began = now()
    const span = this.tracer.startSpan(
      `${request.method} ${path}`,
      {
        kind: SpanKind.SERVER,
        startTime: began,
        attributes: { 'http.request.method': request.method, 'http.route': path, 'sluice.request': request.id },
      },
      parentOf(request.headers),
    )
    const { traceId, spanId, traceFlags } = span.spanContext()
    if (!isSpanContextValid(span.spanContext())) return
    this.spans.set(request, { span, began })
    reply.header('traceresponse', `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`)
  }

  end(request: FastifyRequest, status: number): void {
    const span = this.spans.get(request)?.span
    if (!span) return
    span.setAttribute('http.response.status_code', status)
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end(now())
  }

  /** The id of the trace that a request is part of, for log lines. */
  idOf(request: FastifyRequest): string | undefined {
    return this.spans.get(request)?.span.spanContext().traceId
  }

  /** Makes a slate and tells of each of its stages, from what the slate says of them. */
  async slate(request: FastifyRequest, make: () => Promise<Slate>): Promise<Slate> {
    const { span, began = 0 } = this.spans.get(request) ?? {}
    if (!span?.isRecording()) return make()
    const slate = await make()
    const { surface, rung, digest, items } = slate
    span.setAttributes({
      'sluice.slate': slate.slate,
      'sluice.surface': surface,
      'sluice.rung': rung,
      'sluice.digest': digest,
      'sluice.items': items.length,
    })
    const under = trace.setSpan(ROOT_CONTEXT, span)
    for (const { stage, status, at, ms, budget, in: before, out, note } of slate.stages) {
      const attributes = {
        'sluice.stage.status': status,
        'sluice.stage.in': before,
        'sluice.stage.out': out,
        'sluice.stage.budget_ms': budget,
        ...(note === undefined ? {} : { 'sluice.stage.note': note }),
      }
      const child = this.tracer.startSpan(stage, { startTime: began + at, attributes }, under)
      if (status === 'failed') child.setStatus({ code: SpanStatusCode.ERROR })
      child.end(began + at + ms)
    }
    return slate
  }
}

function parentOf({ traceparent }: IncomingHttpHeaders & { traceparent?: string | string[] }): Context {
  const [, traceId = '', spanId = '', flags = '0'] = TRACEPARENT.exec(String(traceparent ?? '')) ?? []
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT
}

/** Milliseconds since 1970 with their fractions. */
function now(): number {
  return performance.timeOrigin + performance.now()
}
