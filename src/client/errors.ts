/**
 * Why a call came to nothing. `code` is one of the server's table of errors, or of this client: ERR_SERVER_UNREACHABLE (no
 * answer), ERR_CLIENT_TIMEOUT (no answer in time), ERR_ANSWER (not an answer of Sluice), ERR_CLIENT_FULL, ERR_CLIENT_CLOSED.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: string
  /** HTTP status of the answer; 0 when there was none. */
  readonly status: number
  /** The place in the request that is wrong, where the server names one. */
  readonly where: string | undefined
  /** What the server asks to wait before the next try, milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(code: string, message: string, told: ErrorOptions & Told = {}) {
    super(message, told)
    this.code = code
    this.status = told.status ?? 0
    this.where = told.where
    this.retryAfterMs = told.retryAfterMs
  }

  /** May the same call go well a little later? */
  get passing(): boolean {
    return this.code === 'ERR_SERVER_UNREACHABLE' || this.code === 'ERR_CLIENT_TIMEOUT' || PASSING.has(this.status)
  }
}

interface Told {
  readonly status?: number
  readonly where?: string | undefined
  readonly retryAfterMs?: number | undefined
}

/** Too many requests; gateways; a server that starts, stops or has too much to do. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** What an answer that is no success says. */
export async function answeredError(response: Response): Promise<ClientError> {
  const { status, statusText } = response
  const text = await response.text()
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined
  try {
    const { error } = JSON.parse(text) as { error?: { code?: string; message?: string; where?: string } }
    if (error?.code && error.message) {
      return new ClientError(error.code, error.message, { status, retryAfterMs, where: error.where })
    }
  } catch {
    // not our JSON: said below
  }
  const said = `The server answered ${status} ${statusText}: ${text.slice(0, 200)}`
  return new ClientError('ERR_ANSWER', said, { status, retryAfterMs })
}
