import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Clock, SluiceError } from '../foundation/base/index.ts'
import { answerSocket } from './answer.ts'
import { limits } from './limits.ts'

/**
 * Requests whose body is on its way: they hold no place among those that run, or some hundreds of clients that send byte by
 * byte would take a server out of service. When there are too many, the one that has been at it longest gives way.
 */
export class Arrivals {
  private readonly clock: Clock
  private readonly most: number
  /** Oldest first: since when, in ticks, and how to end it. */
  private readonly underWay = new Map<FastifyRequest, { readonly since: number; readonly end: () => void }>()

  constructor(clock: Clock, most: number = limits.arrivingMax) {
    this.clock = clock
    this.most = most
  }

  /**
   * Takes a place; call what it gives back when the body is there, or its client gone.
   * @throws SluiceError ERR_OVERLOADED when all are taken by requests that began just now
   */
  enter(request: FastifyRequest, reply: FastifyReply): () => void {
    if (this.underWay.size >= this.most) this.giveWay()
    this.underWay.set(request, { since: this.clock.ticks(), end: () => endSlow(request, reply) })
    return () => {
      this.underWay.delete(request)
    }
  }

  private giveWay(): void {
    const [oldest] = this.underWay
    if (oldest === undefined) return
    const [request, { since, end }] = oldest
    if (this.clock.ticks() - since < limits.arrivalMsLeast) {
      throw new SluiceError('ERR_OVERLOADED', ['the number of requests on their way'])
    }
    this.underWay.delete(request)
    end()
  }
}

/** Says so where it is the connection's next answer, and lets the connection go. */
function endSlow(request: FastifyRequest, reply: FastifyReply): void {
  const { socket } = request.raw
  if (reply.raw.socket === null) socket.destroy()
  else {
    answerSocket(Object.assign(new Error('slow'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
    socket.destroySoon()
  }
}
