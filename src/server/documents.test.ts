import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { documents } from './documents.ts'
import { openApi } from './openapi.ts'
import { routes } from './routes.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

interface Operation {
  operationId: string
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> }
  parameters?: { name: string; in: string; schema: unknown }[]
  responses: Record<string, { description: string; content: Record<string, { schema: unknown }> }>
  security: unknown[]
}
type Document = {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, { properties?: Record<string, unknown> }>; securitySchemes: object }
}
const made = (await openApi(version)) as Document

function* nodes(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Record<string, unknown>
  for (const part of Object.values(value)) yield* nodes(part)
}

describe('the generated documents', () => {
  it('are committed as they would be made now; otherwise run "npm run docs"', async () => {
    for (const [path, text] of Object.entries(await documents(version))) {
      expect(readFileSync(path, 'utf8') === text, `${path} is out of date`).toBe(true)
    }
  })
})

describe('the OpenAPI document', () => {
  it('has every route, once, with its parameters, body and answers', () => {
    expect(made.openapi).toBe('3.1.0')
    const names = new Set<string>()
    for (const route of routes) {
      const path = route.path.replace(/:(\w+)/g, '{$1}')
      const operation = made.paths[path]?.[route.method.toLowerCase()]
      expect(operation?.operationId, `${route.method} ${path}`).toBe(route.name)
      names.add(route.name)
      expect(Object.keys(operation?.requestBody?.content ?? {})).toEqual(
        Object.keys(route.takes ?? (route.schema.body ? { 'application/json': true } : {})),
      )
      expect(operation?.responses['200']?.content[route.gives.type]).toBeDefined()
      const inPath = operation?.parameters?.filter((parameter) => parameter.in === 'path') ?? []
      expect(inPath.map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
      expect(operation?.security.length).toBe(route.needs === 'none' ? 0 : 2)
    }
    expect(names.size).toBe(routes.length)
    expect(Object.values(made.paths).flatMap((path) => Object.keys(path)).length).toBe(routes.length)
  })

  it('resolves all its references, and keeps nothing of the schema library', () => {
    let count = 0
    for (const node of nodes(made)) {
      expect(node).not.toHaveProperty('$defs')
      expect(node).not.toHaveProperty('$id')
      if (typeof node['$ref'] !== 'string') continue
      count++
      const name = node['$ref'].replace('#/components/schemas/', '')
      expect(made.components.schemas, node['$ref']).toHaveProperty([name])
    }
    expect(count).toBeGreaterThan(50)
  })

  it('documents events, items and users by their own schemas, rules inside of themselves', () => {
    const takes = (path: string, method: string, type: string) =>
      JSON.stringify(made.paths[path]?.[method]?.requestBody?.content[type]?.schema)
    expect(takes('/v1/events', 'post', 'application/x-ndjson')).toBe('{"$ref":"#/components/schemas/Event"}')
    expect(takes('/v1/events', 'post', 'application/json')).toContain('"items":{"$ref":"#/components/schemas/Event"}')
    expect(takes('/v1/items', 'put', 'application/json')).toContain('{"$ref":"#/components/schemas/Item"}')
    expect(takes('/v1/slates', 'post', 'application/json')).toBe('{"$ref":"#/components/schemas/SlateRequest"}')
    expect(made.components.schemas['SlateRequest']?.properties?.['filter']).toEqual({
      $ref: '#/components/schemas/Rule',
    })
    expect(made.components.schemas['Rule']?.properties?.['not']).toEqual({ $ref: '#/components/schemas/Rule' })
  })

  it('is equal each time', async () => {
    expect(JSON.stringify(await openApi(version))).toBe(JSON.stringify(made))
  })
})
