import { trace, type Tracer } from '@opentelemetry/api'
import { SluiceError } from '../base/index.ts'

/** Where spans go. */
export interface TracesOptions {
  /** OTLP over HTTP: `http://collector:4318/v1/traces`. Empty: nowhere, unless the program has set up OpenTelemetry itself. */
  readonly url: string
  /** Share of the requests without a parent that are traced; one that comes with a parent follows its decision. */
  readonly sampleShare: number
  /** Name of the service in traces. */
  readonly service: string
}

export interface Traces {
  readonly tracer: Tracer
  /** Sends what is waiting. */
  close(): Promise<void>
}

/** Spans that wait to be sent; further ones are dropped, so that a collector that is down costs memory only up to here. */
const WAITING_MAX = 2048
/** Longest wait for the collector, on sending and on closing. */
const SEND_MS = 5000

/** Packages that are needed only where traces are sent: they are no dependencies of this one. */
const PACKAGES = [
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
] as const

/**
 * The tracer that spans are made with. Without an address it is the one of the API: it does nothing until the program
 * that runs Sluice sets OpenTelemetry up.
 * @throws SluiceError ERR_TRACES when the packages are not installed
 */
export async function openTraces({ url, sampleShare, service }: TracesOptions, version: string): Promise<Traces> {
  if (url === '') return { tracer: trace.getTracer('sluice', version), close: async () => undefined }
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await packages()
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: SEND_MS })
  const provider = new sdk.BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(sampleShare) }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter, { maxQueueSize: WAITING_MAX, exportTimeoutMillis: SEND_MS })],
  })
  return {
    tracer: provider.getTracer('sluice', version),
    // A collector that is gone must not keep a server from stopping: what it does not take is lost.
    close: () => provider.shutdown().catch(() => undefined),
  }
}

async function packages() {
  try {
    return await Promise.all([
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ])
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new SluiceError('ERR_TRACES', [PACKAGES.join(' ')], { cause: error })
  }
}
