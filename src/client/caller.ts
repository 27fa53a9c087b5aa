import { answeredError, ClientError } from './errors.ts'
import { pause, retryDelay } from './pause.ts'

export interface CallerOptions {
  /** Where the server is, with or without a slash at the end. */
  readonly url: string
  /** API key, when the server asks for one. */
  readonly key?: string | undefined
  /** Sent with every request, for example `traceparent`; a function is asked each time. */
  readonly headers?: Headers | (() => Headers)
  /** Takes the place of the global `fetch`. */
  readonly fetch?: typeof fetch
}

export interface Call {
  readonly body?: unknown
  /** For all tries together. */
  readonly timeoutMs: number
  /** Tries in all. Only what is safe to send again may have more than one. Default 1. */
  readonly tries?: number
  readonly signal?: AbortSignal | undefined
}

type Headers = Readonly<Record<string, string>>
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Sends requests to one server and reads its answers. Holds nothing: connections are those of `fetch`. */
export class Caller {
  readonly url: string
  private readonly options: CallerOptions

  constructor(options: CallerOptions) {
    this.url = options.url.replace(/\/+$/, '')
    this.options = options
  }

  /** The answer as JSON. @throws ClientError, or the reason of the signal */
  async json<T>(method: Method, path: string, call: Call): Promise<T> {
    const ends = performance.now() + call.timeoutMs
    for (let tried = 1; ; tried++) {
      try {
        const within = AbortSignal.timeout(Math.max(0, Math.ceil(ends - performance.now())))
        const signal = call.signal ? AbortSignal.any([call.signal, within]) : within
        return await this.read<T>(method, path, { ...call, signal })
      } catch (error) {
        call.signal?.throwIfAborted()
        const wait = error instanceof ClientError && error.passing ? (error.retryAfterMs ?? retryDelay(tried)) : 0
        if (wait === 0 || tried >= (call.tries ?? 1) || performance.now() + wait >= ends) throw error
        await pause(wait, call.signal)
      }
    }
  }

  /** The answer as it arrives, when it is a success. @throws ClientError, or the reason of the signal */
  async open(method: Method, path: string, { body, signal }: Omit<Call, 'timeoutMs' | 'tries'>): Promise<Response> {
    const send = this.options.fetch ?? fetch
    const init: RequestInit = { method, headers: this.headersFor(body) }
    if (body !== undefined) init.body = JSON.stringify(body)
    if (signal) init.signal = signal
    const response = await this.reached(() => send(this.url + path, init))
    if (!response.ok) throw await this.reached(() => answeredError(response))
    return response
  }

  private async read<T>(method: Method, path: string, call: Call): Promise<T> {
    const response = await this.open(method, path, call)
    const text = await this.reached(() => response.text())
    try {
      return JSON.parse(text) as T
    } catch (cause) {
      const said = `The answer of ${this.url}${path} is no JSON: ${text.slice(0, 200)}`
      throw new ClientError('ERR_ANSWER', said, { cause, status: response.status })
    }
  }

  private headersFor(body: unknown): Headers {
    const { key, headers } = this.options
    const given = typeof headers === 'function' ? headers() : headers
    return {
      ...given,
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
  }

  /** What the network says, as an error of this client. */
  private async reached<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const { name } = error as Error
      if (name === 'AbortError') throw error
      if (name === 'TimeoutError') {
        throw new ClientError('ERR_CLIENT_TIMEOUT', `The server at ${this.url} did not answer in time`, {
          cause: error,
        })
      }
      const said = `Cannot reach the server at ${this.url}: ${networkReason(error as Error)}`
      throw new ClientError('ERR_SERVER_UNREACHABLE', said, { cause: error })
    }
  }
}

/** What the network says: `fetch` itself says only that it failed, and has the reason as cause. */
export function networkReason({ message, cause }: Error): string {
  return cause instanceof Error && cause.message ? cause.message : message
}
