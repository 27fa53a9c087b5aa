import { rejections } from '../domain/index.ts'
import { type ErrorCode, errors } from '../foundation/base/index.ts'
import { failuresOf } from './failures.ts'
import { limits } from './limits.ts'
import { JSON_TYPE, LINES_TYPE, type Route } from './route.ts'
import { routes } from './routes.ts'

interface Property {
  readonly type?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly default?: unknown
  readonly description?: string
}

const rights = { none: 'nobody needs a key', read: '`read`', write: '`write`', admin: '`admin`' } as const

const intro = `# The HTTP interface

Made from the table of routes by \`npm run docs\`; do not edit. The same as an OpenAPI document: \`/v1/openapi.json\` of a
running server, or [openapi.json](../openapi.json).

**Bodies** are JSON (\`${JSON_TYPE}\`), where it says so also JSON lines (\`${LINES_TYPE}\`, one record a line). They are
limited by \`server.bodyBytesMax\`, \`server.bulkBytesMax\` and \`server.eventsMax\`. Compressed bodies are not taken.

**Keys.** Without \`server.apiKeys\` the server is open, listens on this machine only, and answers to names of this machine
only. With keys, send one as \`Authorization: Bearer KEY\` or \`x-api-key: KEY\`. Each route names the right it needs; rights do
not contain one another.

**Failures** have one form, whatever went wrong: \`{"error": {"code", "message", "where"?}}\`. Decide by \`code\` (see
[Errors](#errors)), read \`message\`; \`where\` is the place in the request. Answers with 429 and 503 say in \`Retry-After\` when to
come back, in seconds.

**Limits.** At most ${limits.inFlightMax} requests run at once, ${limits.tailsMax} tails and ${limits.exportsMax} exports; more are refused with
\`ERR_OVERLOADED\`. \`server.requestsPerMinute\` limits one client address. An ordinary request may take
${limits.requestMsMax / 1000} s, a bulk upload or an erasure ${limits.longRequestMsMax / 1000} s.

**Names.** Every answer carries \`x-request-id\`; send your own (1 to 64 of \`A-Z a-z 0-9 _ . : -\`) to find it in the log.
`

function queries(route: Route): string {
  const { properties = {} } = (route.schema.querystring ?? {}) as { properties?: Record<string, Property> }
  const lines = Object.entries(properties).map(([name, property]) => {
    const { type, minimum, maximum, default: value, description } = property
    return `- \`?${name}=\` ${description ?? ''} ${type}, ${minimum} to ${maximum}; default ${value}.`.replaceAll(
      '  ',
      ' ',
    )
  })
  return lines.length === 0 ? '' : `${lines.join('\n')}\n\n`
}

function section(route: Route): string {
  const { method, path, name, summary, more, needs, takes, gives, example } = route
  const body = takes ?? (route.schema.body === undefined ? {} : { [JSON_TYPE]: true })
  const facts = [
    `Right: ${rights[needs]}.`,
    ...(Object.keys(body).length > 0
      ? [
          `Takes ${Object.keys(body)
            .map((type) => `\`${type}\``)
            .join(' or ')}.`,
        ]
      : []),
    `Gives \`${gives.type}\`.`,
    ...(route.early ? ['Answered while starting, too.'] : []),
  ]
  const own = (route.fails ?? []).map((code) => `\`${code}\``).join(', ')
  return [
    `### ${method} ${path}\n\n${summary}${more ? ` ${more}` : ''}\n\n${facts.join(' ')} Operation \`${name}\`.\n\n`,
    queries(route),
    example === undefined ? '' : `\`\`\`json\n${JSON.stringify(example)}\n\`\`\`\n\n`,
    own === '' ? '' : `Its own errors: ${own}.\n\n`,
  ].join('')
}

/** The sentence of an error, with a gap for each value. */
function sentence(code: ErrorCode): string {
  const say = errors[code].say as (...values: string[]) => string
  return say(...new Array<string>(say.length).fill('…')).replaceAll('|', '\\|')
}

/** The reference of the interface in Markdown, from the table of routes and the table of errors. */
export function reference(): string {
  const groups = [...new Set(routes.map((route) => route.group))]
  const parts = groups.map((group) => {
    const title = `## ${group[0]?.toUpperCase()}${group.slice(1)}\n\n`
    return (
      title +
      routes
        .filter((route) => route.group === group)
        .map(section)
        .join('')
    )
  })
  const codes = [...new Set(routes.flatMap(failuresOf))].concat('ERR_ROUTE_UNKNOWN', 'ERR_METHOD_NOT_ALLOWED')
  codes.push('ERR_REQUEST_INVALID', 'ERR_REQUEST_SLOW', 'ERR_HEADERS_TOO_LARGE')
  const order = (a: ErrorCode, b: ErrorCode) => errors[a].status - errors[b].status || (a < b ? -1 : 1)
  const rows = codes.sort(order).map((code) => `| \`${code}\` | ${errors[code].status} | ${sentence(code)} |`)
  const why = Object.entries(rejections).map(([code, sentence]) => `| \`${code}\` | ${sentence} |`)
  return `${intro}\n${parts.join('')}## Errors\n\n| code | status | message |\n| --- | --- | --- |\n${rows.join('\n')}
\n## Rejections\n\nWhy one event of a batch is turned away, in \`rejected\`. The others of the batch are not touched by it.\n
| code | meaning |\n| --- | --- |\n${why.join('\n')}\n`
}
