import { setTimeout as wait } from 'node:timers/promises'
import type { HttpClient } from '../../src/cli/http-client.ts'
import { Tally } from '../../src/cli/load/tally.ts'
import type { Slate } from '../../src/domain/index.ts'

/** It is looked for this long before it is taken away, and after the answer that it is. */
const BEFORE_MS = 100
const AFTER_MS = 500
/** Between two looks of one kind: it should not be they that load the server. */
const LOOK_MS = 25

/** Ways to look for an item: each gives the text of an answer that may name it. */
type Ways = Readonly<Record<string, () => Promise<string>>>

/**
 * Takes items off slates that show them, by turns deleted and hidden, and looks for each on all kinds of slates at once,
 * before and after: an answer to a request that was sent once the server had said that the item is gone must not name
 * it. Puts them back afterwards.
 */
export class Gone {
  readonly acknowledged = { deleted: new Tally(), hidden: new Tally() }
  /** From the request until the last answer that named it arrived. */
  readonly lastSeen = { deleted: new Tally(), hidden: new Tally() }
  /** Requests sent after it was gone, and those of them whose answer named it. */
  looks = 0
  violations = 0
  /** Items that each way named while they were there. */
  readonly namedBy: Record<string, number> = {}
  private readonly client: HttpClient
  private readonly run: string

  constructor(client: HttpClient, run: string) {
    this.client = client
    this.run = run
  }

  async probe(n: number): Promise<void> {
    const how = n % 2 === 0 ? 'deleted' : 'hidden'
    const user = `gone-${this.run}-${n}`
    const { items } = await this.slate({ surface: 'home', user, limit: 10 })
    const [victim, other] = items.map(({ item }) => item)
    if (victim === undefined || other === undefined) throw new Error('a probe failed: no items on a slate')
    const path = `/v1/items/${encodeURIComponent(victim)}`
    const item = JSON.parse(await this.text('GET', path)) as { title?: string }
    const state = { sent: Number.POSITIVE_INFINITY, gone: Number.POSITIVE_INFINITY, last: 0, over: false }
    const watching = Object.entries(this.waysTo(user, other, item.title ?? victim)).map(async ([way, look]) => {
      const named = `"item":"${victim}"`
      let met = false
      while (!state.over) {
        const began = performance.now()
        const seen = (await look()).includes(named)
        if (began > state.gone) this.looks++
        if (seen && began > state.gone) this.violations++
        if (seen) state.last = performance.now()
        if (seen && !met) this.namedBy[way] = (this.namedBy[way] ?? 0) + 1
        met ||= seen
        await wait(LOOK_MS)
      }
    })
    await wait(BEFORE_MS)
    state.sent = performance.now()
    if (how === 'deleted') await this.text('DELETE', path)
    else await this.text('PUT', path, { ...item, hidden: true })
    state.gone = performance.now()
    this.acknowledged[how].answer(state.gone - state.sent)
    await wait(AFTER_MS)
    state.over = true
    await Promise.all(watching)
    if (state.last > state.sent) this.lastSeen[how].answer(state.last - state.sent)
    await this.text('PUT', path, item)
  }

  private waysTo(user: string, other: string, title: string): Ways {
    const slate = (wish: object) => this.text('POST', '/v1/slates', wish)
    return {
      home: () => slate({ surface: 'home', user, limit: 50 }),
      // Scores kept for strangers, lists of what is popular.
      strangers: () => slate({ surface: 'home', limit: 50 }),
      search: () => slate({ surface: 'search', query: title, limit: 50 }),
      next: () => slate({ surface: 'next', user, item: other, limit: 50 }),
      similar: () => this.text('GET', `/v1/items/${encodeURIComponent(other)}/similar?limit=100`),
    }
  }

  private async slate(wish: object): Promise<Slate> {
    return JSON.parse(await this.text('POST', '/v1/slates', wish)) as Slate
  }

  private async text(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<string> {
    const { text, code } = await this.client.send(method, path, body)
    if (code !== undefined) throw new Error(`a probe failed: ${method} ${path}: ${code}`)
    return text
  }
}
