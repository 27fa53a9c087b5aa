import swagger from '@fastify/swagger'
import { type FastifySchema, fastify } from 'fastify'
import type { TSchema } from 'typebox'
import { errors } from '../foundation/base/index.ts'
import { named } from './contract/index.ts'
import { failuresOf } from './failures.ts'
import { JSON_TYPE, type Route } from './route.ts'
import { routes } from './routes.ts'

const PREFIX = '#/components/schemas/'
const names = new Map<unknown, string>(Object.entries(named).map(([name, schema]) => [schema, name]))

/** A schema in which every named one, itself excepted, is a reference. Optional copies are known by their content. */
function referring(schema: unknown, self?: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema
  if (Array.isArray(schema)) return schema.map((one) => referring(one))
  const name = names.get(schema)
  if (name !== undefined && schema !== self) return { $ref: `${PREFIX}${name}` }
  const { $defs, $ref, $id: _, ...rest } = schema as Record<string, unknown>
  if (typeof $ref === 'string') return { $ref: $ref in named ? `${PREFIX}${$ref}` : $ref, ...rest }
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, referring(value)]))
}

/** A named schema on its own; a cyclic one keeps its definition inside, under its name. */
function component(name: string, schema: TSchema): unknown {
  const inner = (schema as { $defs?: Record<string, unknown> }).$defs?.[name]
  return inner === undefined ? referring(schema, schema) : referring(inner)
}

function responses(route: Route): Record<string, unknown> {
  const { type, schema, status = 200 } = route.gives
  const codes = failuresOf(route)
  const statuses = [...new Set(codes.map((code) => errors[code].status))].sort((a, b) => a - b)
  const failures = statuses.map((number) => [
    number,
    {
      description: codes.filter((code) => errors[code].status === number).join(', '),
      content: { [JSON_TYPE]: { schema: { $ref: `${PREFIX}Failure` } } },
    },
  ])
  return {
    [status]: {
      description: (schema as { description?: string }).description ?? route.summary,
      content: { [type]: { schema: referring(schema) } },
    },
    ...Object.fromEntries(failures),
  }
}

function body(route: Route): unknown {
  const takes = route.takes ?? (route.schema.body === undefined ? {} : { [JSON_TYPE]: route.schema.body })
  const content = Object.entries(takes).map(([type, schema]) => [
    type,
    { schema: referring(schema), ...(route.example !== undefined && type === JSON_TYPE && { example: route.example }) },
  ])
  return content.length === 0 ? undefined : { content: Object.fromEntries(content) }
}

/** One route as the plugin wants it. */
function operation(route: Route): FastifySchema {
  const { params, querystring } = route.schema as { params?: TSchema; querystring?: { properties?: object } }
  return {
    operationId: route.name,
    tags: [route.group],
    summary: route.summary,
    ...(route.more && { description: route.more }),
    ...(params && { params }),
    ...(querystring && Object.keys(querystring.properties ?? {}).length > 0 && { querystring }),
    body: body(route),
    security: route.needs === 'none' ? [] : [{ bearer: [] }, { header: [] }],
    'x-right': route.needs,
    response: responses(route),
  } as FastifySchema
}

/** The interface as an OpenAPI 3.1 document, made from the table of routes alone: no server need run. */
export async function openApi(version: string): Promise<object> {
  const app = fastify({ logger: false })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Sluice', version, description: 'Events in, slates out.', license: { name: 'Apache-2.0' } },
      components: {
        schemas: Object.fromEntries(Object.entries(named).map(([name, schema]) => [name, component(name, schema)])),
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'An API key.' },
          header: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'An API key.' },
        },
      } as never,
    },
    convertConstToEnum: false,
    transform: ({ url, route }) => ({ url, schema: operation(route.config?.route as Route) }),
  })
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path,
      exposeHeadRoute: false,
      config: { route },
      handler: () => undefined,
    })
  }
  await app.ready()
  return app.swagger()
}
