import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { afterEach, describe, expect, it } from 'vitest'
import { parseEvent, parseSlateRequest, type Slate } from '../../domain/index.ts'
import { Random, systemClock } from '../../foundation/base/index.ts'
import { slate } from '../testing/engine.ts'
import { Crowd } from './crowd.ts'
import { parseMix } from './mix.ts'
import { type LoadOptions, runLoad } from './run.ts'

const cast = { users: ['u1', 'u2', 'u3'], items: ['i1', 'i2', 'i3', 'i4'], queries: ['jazz piano'] }

const shown = (id: string, items: readonly string[]): Slate => ({
  ...slate,
  slate: id,
  items: items.map((item, position) => ({ ...slate.items[0], item, position })),
})

describe('Crowd', () => {
  it('asks and tells what the API takes', () => {
    const crowd = new Crowd(cast, new Random('crowd'), 'r')
    for (let round = 0; round < 200; round++) {
      for (const surface of ['home', 'next', 'search', 'continue']) {
        expect(parseSlateRequest(crowd.request(surface))).toMatchObject({ ok: true })
      }
      crowd.answered({ surface: 'home', user: 'u1' }, shown(`s${round}`, ['i3']))
      for (const event of crowd.events(3, 1)) expect(parseEvent(event)).toMatchObject({ ok: true })
    }
  })

  it('gives no event id twice, and events are about what was shown', () => {
    const crowd = new Crowd(cast, new Random('crowd'), 'r')
    crowd.answered({ surface: 'home', user: 'u2' }, shown('s9', ['i2', 'i4']))
    const told = crowd.events(500, 1)
    expect(new Set(told.map(({ id }) => id)).size).toBe(500)
    for (const { slate: of, user, item, position } of told) {
      expect({ of, user, item }).toEqual({ of: 's9', user: 'u2', item: position === 0 ? 'i2' : 'i4' })
    }
  })
})

let server: Server | undefined
afterEach(() => server?.close())

/** A server that answers slates and events; every tenth slate is refused. */
async function listen(): Promise<{ url: string; slates: () => number; told: () => number }> {
  let slates = 0
  let told = 0
  const made = createServer((request, response) => {
    let body = ''
    request.on('data', (piece) => {
      body += piece
    })
    request.on('end', () => {
      if (request.url === '/v1/events') {
        const { events } = JSON.parse(body) as { events: unknown[] }
        told += events.length
        response.end(JSON.stringify({ accepted: events.length, duplicate: 0, rejected: [] }))
      } else if (++slates % 10 === 0) {
        response.statusCode = 503
        response.end('{"error":{"code":"ERR_OVERLOADED","message":"full"}}')
      } else response.end(JSON.stringify(slate))
    })
  })
  server = made
  await new Promise<void>((done) => made.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${(made.address() as AddressInfo).port}`, slates: () => slates, told: () => told }
}

const options = (url: string): LoadOptions => ({
  url,
  traffic: new Crowd(cast, new Random('crowd'), 'r'),
  profile: 'steady',
  mix: parseMix('home:1,search:1'),
  rate: 200,
  eventsRate: 100,
  eventsBatch: 5,
  seconds: 0.8,
  warmUpSeconds: 0,
  inFlightMax: 16,
  seed: 'x',
  clock: systemClock,
  signal: new AbortController().signal,
})

describe('runLoad', () => {
  it('accounts for every request it sent', async () => {
    const { url, slates, told } = await listen()
    const report = await runLoad(options(url))
    expect(report.slates.sent).toBe(slates())
    expect(report.slates.errors).toEqual({ ERR_OVERLOADED: Math.floor(slates() / 10) })
    expect(report.slates.answered + report.slates.failed).toBe(report.slates.sent)
    expect(report.slates.rungs).toEqual({ partial: 1 })
    expect(report.surfaces['home'].sent + report.surfaces['search'].sent).toBe(report.slates.sent)
    // The server's own figures of its stages, from every answer.
    expect(report.stages['retrieve']).toMatchObject({ statuses: { late: report.slates.answered } })
    expect(report.stages['fine'].latencyMs.max).toBeCloseTo(1.3, 2)
    const { home } = report.surfaces
    expect(home.stages['fine'].statuses).toEqual({ ok: home.answered })
    expect(report.segments.map(({ slates: { sent } }) => sent)).toEqual([report.slates.sent])
    const whole = decodeFromCompressedBase64(report.slates.histogram)
    expect(whole.totalCount).toBe(report.slates.sent)
    expect(whole.getValueAtPercentile(99) / 1000).toBe(report.slates.latencyMs.p99)
    expect(report.events.accepted).toBe(told())
    expect(told()).toBe(report.events.sent * 5)
    expect(report.slates.sent).toBeGreaterThan(100) // 160 expected; six standard deviations are 76
  })

  it('leaves the warm-up out, and tells the stretches of a profile apart', async () => {
    const { url, slates } = await listen()
    const report = await runLoad({ ...options(url), profile: 'spike', warmUpSeconds: 0.2, seconds: 1 })
    expect(report.slates.sent).toBeLessThan(slates())
    const [before, spike, after] = report.segments.map((segment) => segment.slates.sent)
    expect(before + spike + after).toBe(report.slates.sent)
    // 80, 160 and 80 are expected, with deviations of 9, 13 and 9.
    expect(spike / 0.2).toBeGreaterThan((2 * (before + after)) / 0.8)
    expect(report.segments[1]).toMatchObject({ name: 'spike x4', rate: 800 })
  })

  it('reports a server that is not there as errors by code', async () => {
    const report = await runLoad({ ...options('http://127.0.0.1:9'), seconds: 0.1 })
    expect(report.slates.answered).toBe(0)
    expect(Object.keys(report.slates.errors)).toEqual(['ECONNREFUSED'])
  })
})
