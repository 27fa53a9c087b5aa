import { describe, expect, it } from 'vitest'
import { completeConfig } from '../domain/index.ts'
import { openServer, testKeys } from './testing/open-server.ts'

const SHOP = 'https://www.example.com'
const config = { origins: [SHOP] }
const preflight = (origin: string) =>
  ({
    method: 'OPTIONS',
    url: '/v1/slates',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,authorization',
    },
  }) as const
const slate = (origin: string, more: Record<string, string> = {}) =>
  ({
    method: 'POST',
    url: '/v1/slates',
    payload: '{"surface":"home"}',
    headers: { origin, 'content-type': 'application/json', ...more },
  }) as const

describe('a page of a configured origin', () => {
  it('may ask before it asks, without a key', async () => {
    const { ask } = await openServer({ config: { ...config, apiKeys: testKeys } })
    const { status, headers } = await ask(preflight(SHOP))
    expect(status).toBe(204)
    expect(headers['access-control-allow-origin']).toBe(SHOP)
    expect(headers['access-control-allow-methods']).toContain('POST')
    expect(headers['access-control-allow-headers']).toContain('authorization')
  })

  it('may read answers and errors, and needs the key that anybody needs', async () => {
    const { ask } = await openServer({ config: { ...config, apiKeys: testKeys } })
    const key = { authorization: `Bearer ${testKeys.find(({ rights }) => rights.includes('read'))?.key}` }
    for (const [request, expected] of [
      [slate(SHOP, key), 200],
      [slate(SHOP), 401],
    ] as const) {
      const { status, headers } = await ask(request)
      expect(status).toBe(expected)
      expect(headers['access-control-allow-origin']).toBe(SHOP)
    }
  })
})

it('lets no page of another origin read anything, nor any when none is configured', async () => {
  const some = await openServer({ config })
  const none = await openServer({})
  for (const [{ ask }, origin] of [
    [some, 'https://evil.example'],
    [some, `${SHOP}.evil.example`],
    [none, SHOP],
  ] as const) {
    for (const request of [preflight(origin), slate(origin)])
      expect((await ask(request)).headers['access-control-allow-origin']).toBeUndefined()
  }
})

it.each(['www.example.com', 'https://www.example.com/shop', '*'])('%s is no origin', (origin) => {
  expect(() => completeConfig({ server: { origins: [origin] } })).toThrow('/server/origins/0')
})
