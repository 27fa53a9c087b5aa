import { AsyncResource, createHook } from 'node:async_hooks'
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { type BorrowedArrays, onAside, type ReadSide } from '../../foundation/base/index.ts'
import type { NewArrays } from './messages.ts'

/** Name of the resources that only mark a place in the count. */
const APART = 'SLUICE_APART'

export interface GateParts {
  readonly side: ReadSide
  readonly arrays: BorrowedArrays
  /** Of the arrays at hand. */
  readonly generation: number
  /** Where new arrays lie ready. */
  readonly states: MessagePort
}

/**
 * Holds the read side of the state's lock whenever this thread runs JavaScript, and lets go of it when the turn of its event
 * loop ends, or before a continuation of a promise when a writer waits. Node calls it before each callback and each
 * continuation, so none can be overlooked; all but the first of a turn cost it two comparisons. The state therefore changes where a
 * slate waits for something, and nowhere else. The one exception are callbacks that run a model and nothing else: they are known by their ids, and begin without it.
 */
export class Gate {
  private readonly parts: GateParts
  private generation: number
  private inside = false
  /** Ids of what was begun to run a model. */
  private readonly apart = new Set<number>()
  private readonly leaving = () => {
    this.inside = false
    this.parts.side.leave()
  }

  constructor(parts: GateParts) {
    this.parts = parts
    this.generation = parts.generation
  }

  /** From now on, for the rest of the thread. */
  open(): void {
    createHook({
      before: (id) => {
        if (this.inside) this.letIn()
        else if (!this.apart.has(id)) this.enter()
      },
    }).enable()
    onAside((begin) => this.aside(begin))
    this.enter()
  }

  /** Node counts its callbacks: those between two that are made here for the purpose were made by `begin`. */
  private async aside<T>(begin: () => Promise<T>): Promise<T> {
    const first = new AsyncResource(APART).asyncId()
    const work = begin()
    const end = new AsyncResource(APART).asyncId()
    for (let id = first + 1; id < end; id++) this.apart.add(id)
    try {
      return await work
    } finally {
      for (let id = first + 1; id < end; id++) this.apart.delete(id)
    }
  }

  /** A writer who waits does not wait for the end of a long turn. */
  private letIn(): void {
    const { side } = this.parts
    if (!side.isWanted) return
    side.leave()
    this.comeIn()
  }

  private comeIn(): void {
    const { side } = this.parts
    side.enter()
    if (side.generation !== this.generation) this.renew(side.generation)
  }

  private enter(): void {
    this.comeIn()
    this.inside = true
    setImmediate(this.leaving) // the check phase comes before the loop may sleep
  }

  /** Takes up the arrays that were replaced: they lie ready before their generation is told. */
  private renew(generation: number): void {
    const { arrays, states } = this.parts
    while (this.generation < generation) {
      const received = receiveMessageOnPort(states)
      if (!received) throw new Error(`The arrays of generation ${this.generation + 1} of the state never came`)
      const news = received.message as NewArrays
      arrays.take(news)
      this.generation = news.generation
    }
  }
}
