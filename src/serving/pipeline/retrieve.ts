import { type Clock, type Deadline, systemClock } from '../../foundation/base/index.ts'
import type { Candidates } from './candidates.ts'
import type { Retrieved, Source } from './contracts.ts'
import { type Done, Guard } from './guard.ts'
import { Habit } from './habit.ts'
import { merge } from './merge.ts'
import type { SourceReport } from './outcome.ts'
import type { Query } from './query.ts'

/** The sources of a pipeline, each behind a guard: one that keeps failing is left alone until it recovers. */
export class Retrieval {
  private readonly sources: ReadonlyMap<string, Asked>
  private readonly clock: Clock
  private readonly rows: () => number

  /** `rows`: how many item rows there are. An answer that names others comes from a broken index. */
  constructor(
    sources: Readonly<Record<string, Source>>,
    clock: Clock = systemClock,
    rows: () => number = () => Number.POSITIVE_INFINITY,
  ) {
    this.clock = clock
    this.rows = rows
    this.sources = new Map(
      Object.entries(sources).map(([name, source]) => [name, { source, guard: new Guard(clock), habits: new Map() }]),
    )
  }

  /**
   * Asks all sources of the surface at once, under one budget and each under its own, and merges what came in time.
   * In-process sources answer at once; one that took longer than its budget is reported late but its answer, being
   * there, is used. When the common budget is spent the sources not yet asked are skipped.
   */
  async ask(query: Query, deadline: Deadline): Promise<Asking> {
    const began = this.clock.ticks()
    const names = Object.keys(query.plan.sources).filter((name) => this.sources.has(name))
    const answers = await Promise.all(names.map((name) => this.askOne(name, query, deadline, began)))
    const weights = names.map((name) => query.plan.sources[name]?.weight ?? 0)
    const lists = answers.map((answer) => answer.list)
    const reports = answers.map((answer) => answer.report)
    return { merged: merge(names, lists, weights), reports, missing: reports.filter((_, i) => !isAnswered(answers[i])) }
  }

  private async askOne(name: string, query: Query, deadline: Deadline, began: number): Promise<SourceAnswer> {
    const start = this.clock.ticks()
    const report = ({ status, note }: Done, count: number): SourceReport => {
      const timed = { name, status, at: start - began, ms: this.clock.ticks() - start, count }
      return note === undefined ? timed : { ...timed, note }
    }
    const held = this.sources.get(name)
    const use = query.plan.sources[name]
    if (!held || !use)
      return { list: undefined, report: report({ status: 'skipped', note: 'it is not configured' }, 0) }
    const own = deadline.within(use.budgetMs ?? Number.POSITIVE_INFINITY)
    const ask = () => {
      const given = held.source.retrieve(query, use.limit, own)
      return given instanceof Promise ? given.then((list) => this.sound(list)) : this.sound(given)
    }
    const { value, ...done } = await held.guard.call(ask, own.remaining())
    if (value && this.isStrange(held, query, value)) return { list: value, report: report(STRANGE, 0) }
    if (value && done.status === 'late') {
      return { list: value, report: report(value.rows.length > 0 ? SLOW : SLOW_EMPTY, value.rows.length) }
    }
    return { list: value, report: report(done, value?.rows.length ?? 0) }
  }

  /** Empty, where viewers of this sort are usually given something? Its breaker stays closed: it costs little to ask on. */
  private isStrange({ habits }: Asked, { surface, viewer }: Query, { rows }: Retrieved): boolean {
    const sort = `${surface} ${viewer.personal}` // surfaces are configured, so these are few
    const habit = habits.get(sort) ?? new Habit()
    habits.set(sort, habit)
    return habit.breaks(rows.length > 0, this.clock.ticks())
  }

  /** @throws RangeError for rows that no item has and scores that are no numbers */
  private sound(list: Retrieved): Retrieved {
    const rows = this.rows()
    for (let i = 0; i < list.rows.length; i++) {
      if (list.rows[i] >= 0 && list.rows[i] < rows && !Number.isNaN(list.scores[i])) continue
      throw new RangeError(`a broken answer: row ${list.rows[i]} of ${rows}, score ${list.scores[i]}`)
    }
    return list
  }
}

/** Nothing is missing: the slate stays whole. */
const SLOW: Done = { status: 'late', note: 'slow, but used: its answer was there after its time' }
const SLOW_EMPTY: Done = { status: 'late', note: 'slow, and it had nothing to give' }
const STRANGE: Done = { status: 'failed', note: 'it gives nothing, and it usually does: its index may be empty' }

/** It said what it has, if only after its time, and that may be nothing. */
const isAnswered = ({ list, report }: SourceAnswer) => report.status === 'ok' || (report.status === 'late' && !!list)

/** What the sources gave together. */
interface Asking {
  readonly merged: Candidates
  readonly reports: SourceReport[]
  /** Reports of those whose answer there is none of. */
  readonly missing: SourceReport[]
}

interface Asked {
  readonly source: Source
  readonly guard: Guard
  /** By sort of request. */
  readonly habits: Map<string, Habit>
}

interface SourceAnswer {
  readonly list: Retrieved | undefined
  readonly report: SourceReport
}
