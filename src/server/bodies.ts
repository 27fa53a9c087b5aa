import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { SluiceError } from '../foundation/base/index.ts'
import { jsonParserOf } from './json.ts'
import { LinesBody } from './lines.ts'
import { JSON_TYPE, LINES_TYPE } from './route.ts'

/** Bodies are JSON, and nothing else: a type that a web page may send without asking (text, form) is refused. */
export function takeJson(app: FastifyInstance): void {
  const parse = jsonParserOf(app)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      // Clients name the type with every request, also where there is no body to have one.
      done(null, request.method === 'DELETE' && bytes.length === 0 ? undefined : parse(bytes as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const coding = request.headers['content-encoding']
    if (coding === undefined || coding === 'identity') done(null, payload)
    else done(new SluiceError('ERR_CONTENT_TYPE', [`${coding} (a content coding)`, 'it as it is']))
  })
}

/** On the routes of this scope also JSON lines, as a stream that the handler reads. */
export function takeLines(app: FastifyInstance): void {
  const parse = jsonParserOf(app)
  app.addContentTypeParser(LINES_TYPE, (_request, payload, done) => {
    done(null, new LinesBody(payload as IncomingMessage, parse))
  })
}
