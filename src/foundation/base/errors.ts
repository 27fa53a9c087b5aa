import { modelErrors } from './model-errors.ts'

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
      `Cannot open the data folder ${folder}: it was written in format ${found}, this version reads ${wanted}. Export all with the version that wrote it and import that into another folder`,
  },
  ERR_DATA_FOREIGN: {
    status: 500,
    say: (folder: string, names: string) =>
      `Cannot use the data folder ${folder}: it has ${names} but no format.json, so something else made it. Nothing was touched; choose another folder with --data, or move that away`,
  },
  ERR_DATA_CORRUPT: {
    status: 500,
    say: (file: string, offset: string) =>
      `Cannot read ${file}: the record at byte ${offset} is damaged. Restore the file from a backup, or import again into another folder`,
  },
  ERR_DATA_IN_USE: {
    status: 500,
    say: (folder: string, pid: string) =>
      `Cannot open the data folder ${folder}: process ${pid} has it open. Stop that process, or choose another folder with --data`,
  },
  ERR_DATA_FOLDER: {
    status: 500,
    say: (folder: string, why: string) =>
      `Cannot use the data folder ${folder}: ${why}, or choose another folder with --data`,
  },
  ERR_DISK_WRITE: {
    status: 503,
    say: (what: string, why: string, way = 'Nothing was acknowledged; free some space and send it again') =>
      `Cannot write ${what}: ${why}. ${way}`,
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
    say: (id: string) => `Cannot find user "${id}": no profile, no event and no slate with that id is kept`,
  },
  ERR_USER_ERASING: {
    status: 409,
    say: (id: string) => `Cannot take user "${id}": they are being erased. Send it again once the erasure is answered`,
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
  ERR_FAULT_INVALID: {
    status: 400,
    say: (fault: string, why: string) =>
      `Cannot inject "${fault}": ${why}. Write faults as NAME, NAME:PROBABILITY or NAME:PROBABILITY:MS, separated by commas`,
  },
  ERR_FAULTS_OFF: {
    status: 403,
    say: () =>
      'Cannot inject faults: this server does not allow it. Start it with SLUICE_FAULTS=on, or set ladder.faults in its configuration',
  },
  ERR_OVERLOADED: {
    status: 503,
    say: (what: string) => `Cannot accept the request now: ${what} is full. Try again in a moment`,
  },
  ERR_BODY_TOO_LARGE: {
    status: 413,
    say: (limit: string) =>
      `Cannot read the request: its body is larger than ${limit} bytes. Send it in parts, or as JSON lines`,
  },
  ERR_CONTENT_TYPE: {
    status: 415,
    say: (given: string, taken: string) => `Cannot read a body of type "${given}" here: send ${taken}`,
  },
  ERR_REQUEST_INVALID: { status: 400, say: (why: string) => `Cannot understand the request: ${why}` },
  ERR_REQUEST_SLOW: {
    status: 408,
    say: () => 'Cannot read the request: it did not arrive in time. Send it again on a new connection',
  },
  ERR_HEADERS_TOO_LARGE: {
    status: 431,
    say: () => 'Cannot read the request: its headers are too large. Leave out what the server does not need',
  },
  ERR_ROUTE_UNKNOWN: {
    status: 404,
    say: (method: string, path: string, near: string) =>
      `Cannot ${method} ${path}: there is no such route. Near ones: ${near}`,
  },
  ERR_METHOD_NOT_ALLOWED: {
    status: 405,
    say: (method: string, path: string, allowed: string) => `Cannot ${method} ${path}: it takes ${allowed}`,
  },
  ERR_NOT_READY: {
    status: 503,
    say: (phase: string) =>
      `Cannot answer yet: the server is starting (${phase}). Ask /ready, or try again in a moment`,
  },
  ERR_RATE_LIMITED: {
    status: 429,
    say: (limit: string, after: string) =>
      `Cannot accept the request: more than ${limit} came from your address in a minute. Try again in ${after} s`,
  },
  ERR_TIMEOUT: {
    status: 503,
    say: (ms: string) => `Cannot finish the request: it took longer than ${ms} ms. Try again in a moment`,
  },
  ERR_HOST_OPEN: {
    status: 500,
    say: (host: string) =>
      `Cannot listen on ${host} without API keys: anyone on that network could write and erase. Set server.apiKeys, or listen on 127.0.0.1`,
  },
  ERR_HOST_FORBIDDEN: {
    status: 403,
    say: (host: string) =>
      `Cannot accept the request for host "${host}": without API keys the server answers to names of this machine only. Ask for localhost, or set server.apiKeys`,
  },
  ERR_LISTEN: { status: 500, say: (where: string, why: string) => `Cannot listen on ${where}: ${why}` },
  ERR_INTERNAL: {
    status: 500,
    say: (incident: string) =>
      `Cannot answer: something broke inside. The log has the details under incident ${incident}`,
  },
  ERR_STOPPING: { status: 503, say: () => 'Cannot accept the request: the server is stopping' },
  ERR_EVALUATE_EMPTY: {
    status: 400,
    say: (folder: string, protocol: string) =>
      `Cannot evaluate ${folder} by ${protocol}: no user has both a known and a later item. Import more events first`,
  },
  ERR_TRAIN_DATA: {
    status: 400,
    say: (folder: string, needs: string, found: string) =>
      `Cannot train on ${folder}: a model needs ${needs}, and there are ${found}. Import more events first`,
  },
  ERR_TRAIN_STOPPED: {
    status: 503,
    say: (model: string) => `Cannot finish training ${model}: it was stopped. The same command goes on where it was`,
  },
  ERR_TRAIN_BUSY: {
    status: 409,
    say: (task: string, pid: string) =>
      `Cannot ${task}: process ${pid} does so on this folder. Wait for it, or stop it: what it has done is gone on from`,
  },
  ERR_TRAIN_PROCESS: {
    status: 500,
    say: (how: string, why: string) =>
      `Cannot finish training: its process ended with ${how} (${why}). It goes on where it was`,
  },
  ERR_TRAIN_THREAD: {
    status: 500,
    say: (model: string, why: string) =>
      `Cannot go on training ${model}: a thread of it failed (${why}). The same command goes on from the last checkpoint; with learning.threads 1 it needs no thread`,
  },
  ERR_TRAIN_TEACHER: {
    status: 409,
    say: (model: string, teacher: string, why = `there is none. Train that first: sluice train ${teacher}`) =>
      `Cannot train ${model}: it learns from the live version of ${teacher}, and ${why}`,
  },
  ERR_IMPORT_PATH: { status: 400, say: (path: string, why: string) => `Cannot import ${path}: ${why}` },
  ERR_TRACES: {
    status: 500,
    say: (packages: string) =>
      `Cannot send traces: OpenTelemetry is not installed. Run "npm install ${packages}", or leave server.traces.url empty`,
  },
  ERR_PLAN_INPUT: {
    status: 400,
    say: (from: string, why: string) =>
      `Cannot plan from ${from}: ${why}. Give the address of a server under load, its saved /metrics, or a report of "sluice load --json"`,
  },
  ERR_FILE_WRITE: {
    status: 500,
    say: (path: string, why: string) =>
      `Cannot write ${path}: ${why}. Name a file in a folder that is there, has room and may be written by this user`,
  },
  ERR_FILE_EXISTS: {
    status: 409,
    say: (path: string) => `Cannot write ${path}: it is there already. Name another file, or add --force to replace it`,
  },
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
  ...modelErrors,
} as const satisfies Record<string, { status: number; say: (...values: string[]) => string }>

export type ErrorCode = keyof typeof errors
