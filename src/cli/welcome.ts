import type { Engine } from '../app/index.ts'
import type { Slate } from '../domain/index.ts'
import { quoted } from './shell.ts'
import { slateView } from './slate-view.ts'
import type { Terminal } from './terminal.ts'
import type { Company } from './visitors/company.ts'

export interface Served {
  readonly url: string
  readonly data: string
  /** The configuration file in use. */
  readonly config: string | undefined
  /** Do clients need a key? Then the lines to try carry one. */
  readonly keyed: boolean
  /** Who visits, if anybody does. */
  readonly company: Pick<Company, 'says'> | undefined
}

/** Slates asked for until one is whole. */
const FIRST_TRIES = 5
/** Users that are looked at to find one with a history. */
const LOOKED_AT = 50

/** What a person sees when it serves: the address, one real slate, and lines to try that work as they stand. */
export async function welcome(terminal: Terminal, engine: Engine, served: Served): Promise<string> {
  const { bold, cyan, dim } = terminal.colours
  const head = `${bold('Sluice serves at')} ${cyan(served.url)}   ${dim(`data ${served.data}${served.config ? `, configuration ${served.config}` : ''}`)}`
  if (engine.status().items === 0) {
    return [
      head,
      '',
      'The catalogue is empty. To fill it:',
      `  stop this, then: npx sluice import movielens PATH --data ${served.data}`,
      `  or, while it runs: ${curl(served, 'PUT', '/v1/items', { items: [{ id: 'i1', title: 'First' }] })}`,
    ].join('\n')
  }
  const user = userWithHistory(engine)
  const slate = await firstSlate(engine, user)
  const item = slate.items[0]?.item
  const asked = user === undefined ? {} : { user }
  const lines = [
    ['a slate over HTTP', curl(served, 'POST', '/v1/slates', { surface: 'home', ...asked, limit: 5 })],
    ...(item === undefined
      ? []
      : [
          [
            'what the viewer did',
            curl(served, 'POST', '/v1/events', {
              events: [
                { id: `try-${slate.slate}`, kind: 'like', user: user ?? 'you', item, slate: slate.slate, at: slate.at },
              ],
            }),
          ],
          ['what to watch next', `npx sluice slate next --item ${quoted(item)}${option(served)}`],
        ]),
    ['why that slate', `npx sluice explain ${quoted(slate.slate)}${option(served)}`],
    ['which sources pay', `npx sluice portfolio${option(served)}`],
    ['how much it bears', `npx sluice load --rate 100 --seconds 10${option(served)}`],
    ['slates in a browser', `${served.url}/`],
    ['the HTTP interface', `${served.url}/v1/openapi.json`],
    ['the guide', 'docs/guide/first-steps.md of the package'],
  ]
  return [
    head,
    '',
    `${bold('home')} for ${user === undefined ? 'a visitor' : `user ${bold(user)}`}`,
    slateView(terminal, slate),
    '',
    ...(served.company ? [served.company.says, ''] : []),
    bold('Try'),
    ...lines.map(([what, line]) => `  ${dim(`${what}:`)}\n    ${line}`),
    '',
  ].join('\n')
}

/** The first slates of a process are slow, and may go without what was late: a later one shows what is usual. */
async function firstSlate(engine: Engine, user: string | undefined): Promise<Slate> {
  const request = { surface: 'home', limit: 10, ...(user === undefined ? {} : { user }) }
  let slate = await engine.slate(request)
  for (let tries = 1; slate.rung !== 'full' && tries < FIRST_TRIES; tries++) slate = await engine.slate(request)
  return slate
}

/** Somebody the slates can be personal for. */
function userWithHistory(engine: Engine): string | undefined {
  let looked = 0
  for (const { id } of engine.allUsers()) {
    if (engine.user(id).historyLength >= 5) return id
    if (++looked >= LOOKED_AT) break
  }
  looked = 0
  for (const { user } of engine.allEvents()) {
    if (user !== undefined) return user
    if (++looked >= LOOKED_AT) break
  }
  return undefined
}

function curl(served: Served, method: string, path: string, body: object): string {
  const key = served.keyed ? ` -H "authorization: Bearer $SLUICE_KEY"` : ''
  const verb = method === 'POST' ? '' : ` -X ${method}`
  return `curl -s${verb} ${served.url}${path} -H 'content-type: application/json'${key} -d ${quoted(JSON.stringify(body), true)}`
}

function option(served: Served): string {
  return served.data.endsWith('/.sluice') ? '' : ` --data ${quoted(served.data)}`
}
