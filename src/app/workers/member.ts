import { MessageChannel, Worker } from 'node:worker_threads'
import type { SlateRequest } from '../../domain/index.ts'
import { bundleFrom } from '../../foundation/base/index.ts'
import type { Log } from '../../foundation/telemetry/index.ts'
import type { Made } from '../serve/made.ts'
import type { ShadowNews } from '../serve/shadows.ts'
import {
  type FromThread,
  machineMs,
  type NewArrays,
  receivedError,
  type ThreadOrder,
  type ToThread,
} from './messages.ts'

/** How long a thread that was told to end may take. */
const STOP_MS = 5_000

/** A request on its way. */
export interface Asked {
  readonly request: SlateRequest
  readonly turn: number
  /** In `machineMs`. */
  readonly arrived: number
  /** Threads that ended over it. */
  readonly lost: number
  readonly made: (made: Made) => void
  readonly failed: (error: unknown) => void
}

export type MemberOrder = Omit<ThreadOrder, 'states'>

/** Is told what comes of requests. */
export interface MemberNews {
  told(result: 'made' | 'failed' | 'lost'): void
  waited(waits: readonly number[]): void
  shadowed(news: ShadowNews): void
}

/** One thread that makes slates, from its start to its end. */
export class Member {
  /** Settles when it makes slates, or has ended before it could. */
  readonly started: Promise<void>
  /** Settles when it has ended, with what it had taken and not answered. */
  readonly ended: Promise<readonly Asked[]>
  /** Does it take requests? */
  ready = false
  private readonly worker: Worker
  private readonly states: MessageChannel['port1']
  private readonly asked = new Map<number, Asked>()
  private readonly forgetting = new Map<number, () => void>()
  private readonly log: Log | undefined
  private readonly news: MemberNews
  private count = 0
  private gone = false
  /** Why it ended, when it said so. */
  error: unknown

  constructor(order: MemberOrder, news: MemberNews, log: Log | undefined) {
    const { port1, port2 } = new MessageChannel()
    this.log = log
    this.news = news
    this.states = port1
    port1.unref()
    const workerData: ThreadOrder = { ...order, states: port2 }
    this.worker = new Worker(program(), {
      ...{ workerData, transferList: [port2], name: `slates ${order.reader}` },
      ...{ stdout: false, stderr: false, execArgv: [] },
    })
    this.worker.on('error', (error) => {
      this.error = error
    })
    this.ended = new Promise((resolve) => this.worker.once('exit', () => resolve(this.over())))
    const ready = new Promise<void>((resolve) => {
      this.worker.on('message', (message: FromThread) => {
        if (message.kind === 'ready') resolve()
        this.take(message)
      })
    })
    this.started = Promise.race([ready, this.ended]).then(() => undefined)
  }

  /** Requests it has taken and not answered. */
  get load(): number {
    return this.asked.size
  }

  ask(asked: Asked): void {
    const id = this.count++
    const { request, turn } = asked
    this.asked.set(id, asked)
    const sentAt = machineMs()
    this.send({ kind: 'slate', id, request, turn, waitedMs: sentAt - asked.arrived, sentAt })
  }

  /** Resolves when it keeps nothing more of a user, or has ended. */
  forget(row: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.gone) return resolve()
      const id = this.count++
      this.forgetting.set(id, resolve)
      this.send({ kind: 'forget', id, row })
    })
  }

  send(message: ToThread): void {
    this.worker.postMessage(message)
  }

  /** Lays arrays ready that it takes up when it sees their generation. */
  renew(news: NewArrays): void {
    this.states.postMessage(news)
  }

  /** Has it end by itself; one that does not is ended. */
  async stop(): Promise<void> {
    this.ready = false
    this.send({ kind: 'stop' })
    const late = setTimeout(() => void this.end(), STOP_MS)
    await this.ended
    clearTimeout(late)
  }

  /** Ends it wherever it is. */
  async end(): Promise<void> {
    await this.worker.terminate()
  }

  private take(message: FromThread): void {
    switch (message.kind) {
      case 'ready':
        this.ready = true
        return
      case 'made':
        this.news.told('made')
        this.news.waited(message.waits)
        this.answered(message.id)?.made(message.made)
        return
      case 'failed':
        this.news.told('failed')
        this.answered(message.id)?.failed(receivedError(message.error))
        return
      case 'shadowed':
        this.news.shadowed(message.news)
        return
      case 'forgotten':
        this.forgetting.get(message.id)?.()
        this.forgetting.delete(message.id)
        return
      case 'log':
        this.log?.[message.level](message.fields, message.text)
    }
  }

  private answered(id: number): Asked | undefined {
    const asked = this.asked.get(id)
    this.asked.delete(id)
    return asked
  }

  private over(): readonly Asked[] {
    this.ready = false
    this.gone = true
    this.states.close()
    for (const done of this.forgetting.values()) done()
    const left = [...this.asked.values()]
    for (const _ of left) this.news.told('lost')
    this.asked.clear()
    return left
  }
}

function program(): string {
  const path = bundleFrom(import.meta.url, 'slate-thread.js')
  if (path === undefined) throw new Error('Cannot start a thread that makes slates: dist/slate-thread.js was not built')
  return path
}
