import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

export interface Scripted {
  readonly url: string
  readonly asked: Asked[]
  close(): Promise<void>
}

/** What comes back: a status, a body, headers; or nothing at all, for ever (`silent`) or because the connection is cut. */
export type Reply = readonly [status: number, body: unknown, headers?: Record<string, string>] | 'silent' | 'cut'

/** A server that answers as it is told, and remembers what it was asked. */
export async function scriptedServer(reply: (asked: Asked, count: number) => Reply): Promise<Scripted> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const piece of request) text += piece
    const { method = '', url = '', headers } = request
    const one = { method, path: url, headers, body: text === '' ? undefined : JSON.parse(text) }
    asked.push(one)
    const said = reply(one, asked.length)
    if (said === 'cut') request.socket.destroy()
    if (typeof said === 'string') return
    const [status, body, more] = said
    response.writeHead(status, { 'content-type': 'application/json', ...more })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
