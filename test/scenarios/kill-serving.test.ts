import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sluice, start } from './cli-process.ts'

let cwd = ''
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sluice-kill-'))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

async function up(data: string) {
  const running = start(['up', '--data', data, '--world', 'none', '--port', '0', '--json'], { cwd })
  const [, url = ''] = await running.until(/"url":"([^"]+)"/)
  return { ...running, url }
}

async function send(url: string, path: string, body: unknown, method = 'POST') {
  const answer = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, never> }
}

const items = Array.from({ length: 50 }, (_, i) => ({ id: `i${i}`, title: `Item ${i}`, creator: `c${i % 7}` }))
const click = (id: string, n: number) => ({ id, kind: 'click', user: `u${n % 40}`, item: `i${n % 50}`, at: Date.now() })

describe('a server that is killed under load', () => {
  it('has every acknowledged event when it starts again, each once, in two rounds', async () => {
    const acknowledged = new Set<string>()
    const sent = new Set<string>()
    for (let round = 0; round < 2; round++) {
      const server = await up('load')
      if (round === 0) expect(await send(server.url, '/v1/items', items, 'PUT')).toMatchObject({ status: 200 })
      let killed = false
      const senders = Array.from({ length: 6 }, async (_, sender) => {
        for (let n = 0; !killed; n++) {
          const batch = Array.from({ length: 5 }, (_, k) => click(`r${round}-s${sender}-${n}-${k}`, n * 5 + k))
          for (const { id } of batch) sent.add(id)
          try {
            const { status, body } = await send(server.url, '/v1/events', { events: batch })
            if (status === 200 && body['accepted'] === 5) for (const { id } of batch) acknowledged.add(id)
          } catch {
            return // the connection broke: no answer, no promise
          }
        }
      })
      while (acknowledged.size < 300 * (round + 1)) await wait(2)
      server.child.kill('SIGKILL')
      killed = true
      await Promise.all([...senders, server.ended])
    }
    const kept = (await sluice(['export', 'events', '--data', 'load'], { cwd })).out.trimEnd().split('\n')
    const ids = kept.map((line) => (JSON.parse(line) as { id: string }).id)
    const once = new Set(ids)
    expect(once.size).toBe(ids.length)
    expect([...acknowledged].filter((id) => !once.has(id))).toEqual([])
    expect(ids.filter((id) => !sent.has(id))).toEqual([])
  })
})

/** Sends the first part of a request, and gives the way to send the rest and hear the whole answer. */
function halfSent(url: string, path: string, body: unknown): { finish: () => Promise<string> } {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const text = JSON.stringify(body)
  const half = Math.floor(text.length / 2)
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text.slice(0, half)}`,
  )
  let heard = ''
  const over = new Promise<string>((done) => {
    socket.on('data', (piece: Buffer) => {
      heard += piece.toString('utf8')
    })
    socket.on('error', (error) => done(`${heard} ${error.message}`))
    socket.on('close', () => done(heard))
  })
  return {
    finish: () => {
      socket.write(text.slice(half))
      return over
    },
  }
}

describe('a server that is asked to stop', () => {
  it('answers the slate and the events that it had begun to hear, and keeps those events', async () => {
    const server = await up('stop')
    await send(server.url, '/v1/items', items, 'PUT')
    const slate = halfSent(server.url, '/v1/slates', { surface: 'home', user: 'u1', limit: 5 })
    const events = halfSent(server.url, '/v1/events', { events: [click('late-1', 1), click('late-2', 2)] })
    await wait(100) // both have begun
    server.child.kill('SIGTERM')
    await wait(100)
    await expect(fetch(`${server.url}/health`)).rejects.toThrow() // nobody new is let in
    const [slateHeard, eventsHeard] = await Promise.all([slate.finish(), events.finish()])
    expect(slateHeard).toMatch(/^HTTP\/1\.1 200 /)
    expect(slateHeard).toContain('"surface":"home"')
    expect(eventsHeard).toMatch(/^HTTP\/1\.1 200 /)
    expect(eventsHeard).toContain('"accepted":2')
    expect((await server.ended).code).toBe(0)
    const kept = (await sluice(['export', 'events', '--data', 'stop'], { cwd })).out.trimEnd().split('\n')
    expect(kept.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['late-1', 'late-2'])
  })
})
