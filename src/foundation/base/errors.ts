/**
 * Every error a caller may see: code, HTTP status, sentence. The sentence says the action, the value and the way out.
 * The reference page and the API document are made from this table.
 */
export const errors = {
  ERR_CONFIG_INVALID: {
    status: 500,
    say: (where: string, why: string) => `Cannot use the configuration: ${where} ${why}`,
  },
  ERR_DATA_VERSION: {
    status: 500,
    say: (folder: string, found: string, wanted: string) =>
      `Cannot open the data folder ${folder}: it was written in format ${found}, this version reads ${wanted}. Start with another folder, or with --fresh to rebuild it`,
  },
  ERR_DATA_IN_USE: {
    status: 500,
    say: (folder: string, pid: string) =>
      `Cannot open the data folder ${folder}: process ${pid} has it open. Stop that process, or choose another folder with --data`,
  },
  ERR_DISK_WRITE: {
    status: 503,
    say: (what: string, why: string) =>
      `Cannot write ${what}: ${why}. Nothing was acknowledged; free some space and send it again`,
  },
  ERR_PORT_IN_USE: {
    status: 500,
    say: (port: string) => `Cannot listen on port ${port}: another process does. Choose another with PORT or --port`,
  },
  ERR_BODY_INVALID: { status: 400, say: (where: string, why: string) => `Cannot read the request: ${where} ${why}` },
  ERR_SURFACE_UNKNOWN: {
    status: 400,
    say: (surface: string, known: string) =>
      `Cannot make a slate for surface "${surface}": it is not configured. Known surfaces: ${known}`,
  },
  ERR_ITEM_REQUIRED: {
    status: 400,
    say: (surface: string) => `Cannot make a slate for surface "${surface}" without "item": say which item it follows`,
  },
  ERR_QUERY_REQUIRED: {
    status: 400,
    say: (surface: string) => `Cannot make a slate for surface "${surface}" without "query": say what to search for`,
  },
  ERR_CURSOR_INVALID: {
    status: 400,
    say: (cursor: string) =>
      `Cannot continue from cursor "${cursor}": it is not one this server made. Ask again without a cursor`,
  },
  ERR_RULE_INVALID: { status: 400, say: (where: string, why: string) => `Cannot apply the filter at ${where}: ${why}` },
  ERR_ITEM_NOT_FOUND: {
    status: 404,
    say: (id: string) => `Cannot find item "${id}": it was never added, or it was deleted`,
  },
  ERR_USER_NOT_FOUND: {
    status: 404,
    say: (id: string) => `Cannot find user "${id}": no profile and no event with that id is kept`,
  },
  ERR_SLATE_NOT_FOUND: {
    status: 404,
    say: (id: string) => `Cannot find slate "${id}": it was never served, or it is older than the served log keeps`,
  },
  ERR_KEY_INVALID: {
    status: 401,
    say: () => 'Cannot accept the request: send a known API key as "Authorization: Bearer KEY"',
  },
  ERR_KEY_FORBIDDEN: {
    status: 403,
    say: (needs: string) => `Cannot accept the request: this API key lacks the "${needs}" right`,
  },
  ERR_OVERLOADED: {
    status: 503,
    say: (what: string) => `Cannot accept the request now: ${what} is full. Try again in a moment`,
  },
  ERR_STOPPING: { status: 503, say: () => 'Cannot accept the request: the server is stopping' },
  ERR_EVALUATE_EMPTY: {
    status: 400,
    say: (folder: string, protocol: string) =>
      `Cannot evaluate ${folder} by ${protocol}: no user has both a known and a later item. Import more events first`,
  },
  ERR_IMPORT_PATH: { status: 400, say: (path: string, why: string) => `Cannot import ${path}: ${why}` },
  ERR_DATA_MISSING: {
    status: 404,
    say: (folder: string) =>
      `Cannot open the data folder ${folder}: it does not exist. Fill it with "sluice import" or "sluice up", or name another with --data`,
  },
  ERR_SERVER_UNREACHABLE: {
    status: 503,
    say: (url: string, why: string) =>
      `Cannot reach the server at ${url}: ${why}. Start it with "sluice up", or name another with --url`,
  },
} as const satisfies Record<string, { status: number; say: (...values: string[]) => string }>

export type ErrorCode = keyof typeof errors

/** An error from the table. Everything else that is thrown is a defect. */
export class SluiceError extends Error {
  readonly code: ErrorCode
  readonly status: number

  constructor(code: ErrorCode, values: readonly string[] = [], options?: { cause?: unknown }) {
    const say = errors[code].say as (...values: string[]) => string
    super(say(...values), options)
    this.name = 'SluiceError'
    this.code = code
    this.status = errors[code].status
  }
}
