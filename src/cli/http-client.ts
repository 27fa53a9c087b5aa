import { Pool } from 'undici'

export interface ClientOptions {
  readonly url: string
  readonly key?: string | undefined
  /** Connections held open, and so requests under way at once. */
  readonly connections: number
}

export interface Answer {
  readonly text: string
  /** Status of the answer; 0 when there was none. */
  readonly status: number
  /** Why it is no success: the server's code, `HTTP_` and the status, or the code of the network. */
  readonly code: string | undefined
}

/** Longest wait for one answer. */
const ANSWER_MS = 10_000

/** Sends JSON to a server over connections that stay open. A failure is an answer with a code, never an exception. */
export class HttpClient {
  private readonly pool: Pool
  private readonly headers: Record<string, string>

  constructor({ url, key, connections }: ClientOptions) {
    this.pool = new Pool(new URL(url).origin, { connections, headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS })
    this.headers = key ? { authorization: `Bearer ${key}` } : {}
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.send('POST', path, body)
  }

  async send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    const typed = { ...this.headers, 'content-type': 'application/json' }
    try {
      const sent = body === undefined ? { headers: this.headers } : { headers: typed, body: JSON.stringify(body) }
      const response = await this.pool.request({ path, method, ...sent })
      const text = await response.body.text()
      const status = response.statusCode
      return { text, status, code: status < 300 ? undefined : errorCode(text, status) }
    } catch (error) {
      return { text: '', status: 0, code: (error as NodeJS.ErrnoException).code ?? (error as Error).name }
    }
  }

  close(): Promise<void> {
    return this.pool.destroy()
  }
}

function errorCode(text: string, status: number): string {
  return /"code":"(\w+)"/.exec(text)?.[1] ?? `HTTP_${status}`
}
