import Type from 'typebox'
import { homeHeaders, homePage } from '../page/page.ts'
import { route } from '../route.ts'

export const home = [
  route({
    name: 'home',
    method: 'GET',
    path: '/',
    needs: 'none',
    group: 'operations',
    summary: 'A page that links to the interface and fetches a slate.',
    schema: {},
    gives: { type: 'text/html', schema: Type.String() },
    early: true,
    handle({ engine }, _, reply) {
      reply.headers(homeHeaders).type('text/html; charset=utf-8')
      return homePage(engine.status())
    },
  }),
]
