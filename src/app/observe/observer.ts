import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Clock, DAY, MINUTE } from '../../foundation/base/index.ts'
import {
  type Log,
  type Metrics,
  type Minute,
  minuteOf,
  roundedMinute,
  type Samples,
} from '../../foundation/telemetry/index.ts'
import type { DriftReference } from '../../judging/drift/index.ts'
import type { Watch } from '../../serving/watch/index.ts'
import type { Change } from './change.ts'
import { ChangeLog } from './change-log.ts'
import { optionsDiff, UNSET } from './options-diff.ts'
import type { Trouble } from './troubles.ts'

/** How often the watch does a piece of its work and versions are looked at. */
const STEP_MS = 1000
/** Minutes kept: a day. */
export const MINUTES_MAX = 1440
/** Changed options that get a line of their own; the others are counted. */
const OPTIONS_TOLD = 20

export interface ObserverParts {
  /** The data folder. */
  readonly folder: string
  /** Where what can be made again is kept. */
  readonly cache: string
  readonly clock: Clock
  readonly metrics: Metrics | undefined
  readonly watch: Watch | undefined
  readonly log: Log | undefined
  /** Events that wait for the disk now. */
  pending(): number
  /** Does the folder serve? Whoever only looks into it notes nothing, or its history would tell of starts that were none. */
  readonly serves: boolean
  /** What the features were like that the fine model in use was trained on; undefined when that is not known. */
  trained(): DriftReference | undefined
  /** Version in use of each model and index; undefined for none. */
  versions(): Readonly<
    Record<string, { readonly kind: 'model' | 'index' | 'shadow' | 'fault'; readonly version: string | undefined }>
  >
}

/** Which part of what was observed is asked for; all of the last day unless said. */
export interface Observed {
  /** Only what came before this moment; milliseconds since 1970. */
  readonly before?: number | undefined
  /** How many minutes back. */
  readonly minutes?: number | undefined
}

/** What a part of the last day was like: see `Engine.observations`. */
export interface Observations {
  /** Where that part begins: ask for what came before it to read on. */
  readonly from: number
  readonly changes: readonly Change[]
  readonly minutes: readonly Minute[]
  /** The latest of each part of the way of a request. */
  readonly troubles: readonly Trouble[]
}

/** What was noted last of something that changes. */
interface Noted {
  readonly version: string | undefined
  /** It has been in use since the start. */
  readonly seen?: true
}

/** Keeps the change log and a row per minute of the last day, and gives the watch its turns. */
export class Observer {
  private readonly parts: ObserverParts
  private readonly changes: ChangeLog
  private readonly minutes: Minute[] = []
  private readonly versions = new Map<string, Noted>()
  private reading: Samples | undefined
  /** When the minute under way began, by the clock that never goes back. */
  private began: number
  private timer: NodeJS.Timeout | undefined
  private looking: Promise<void> | undefined

  constructor(parts: ObserverParts) {
    this.parts = parts
    this.changes = new ChangeLog(join(parts.folder, 'changes.jsonl'))
    this.began = parts.clock.ticks()
  }

  /** Notes the start and how it differs from the last one; from then on looks once a second. */
  async start(program: string, digest: string, options: object): Promise<void> {
    if (this.parts.serves) {
      this.noteStart(program)
      this.noteOptions(program, digest, options)
    }
    for (const [subject, { kind, version }] of Object.entries(this.parts.versions()))
      this.versions.set(
        subject,
        this.notedLast(kind, subject) ?? { version: kind === 'fault' || kind === 'shadow' ? undefined : version },
      )
    this.tellVersions()
    this.restoreReference()
    this.takeTrained()
    this.reading = await this.parts.metrics?.samples()
    this.timer = setInterval(() => {
      this.looking ??= this.step().finally(() => {
        this.looking = undefined
      })
    }, STEP_MS)
    this.timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.looking
    if (this.timer !== undefined) this.note({ kind: 'stop', subject: 'server', say: 'the server was stopped' })
    this.timer = undefined
  }

  report({ before, minutes = DAY / MINUTE }: Observed = {}): Omit<Observations, 'troubles'> {
    const from = (before ?? this.parts.clock.now()) - minutes * MINUTE
    // Without an end, what a clock that was set back has left in the future is told too.
    const isAsked = ({ at }: { at: number }) => at >= from && (before === undefined || at < before)
    return { from, changes: this.changes.all.filter(isAsked), minutes: this.minutes.filter(isAsked) }
  }

  /** Version in use of each model. */
  models(): Record<string, string> {
    const used: Record<string, string> = {}
    for (const [name, { kind, version }] of Object.entries(this.parts.versions()))
      if (kind === 'model' && version !== undefined) used[name] = version
    return used
  }

  /** One look. What fails is told in the log and tried again: serving does not depend on it. */
  async step(): Promise<void> {
    const { clock, metrics, watch } = this.parts
    try {
      const at = clock.now()
      this.noteVersions()
      if (watch?.step(at)) this.keepReference()
      const ticks = clock.ticks()
      if (!metrics || ticks < this.began + MINUTE) return
      metrics.pending(this.parts.pending())
      const reading = await metrics.samples()
      this.minutes.push(roundedMinute(minuteOf(at, reading, this.reading, (ticks - this.began) / 1000)))
      if (this.minutes.length > MINUTES_MAX) this.minutes.shift()
      this.reading = reading
      this.began = ticks
    } catch (error) {
      this.parts.log?.error({ error }, 'cannot observe; it is tried again')
    }
  }

  private noteStart(program: string): void {
    const last = this.changes.all.at(-1)
    const earlier = this.changes.all.findLast(({ kind }) => kind === 'start')
    const how =
      last === undefined ? 'for the first time' : last.kind === 'stop' ? 'after a stop' : 'after a crash or kill'
    this.note({ kind: 'start', subject: 'server', to: program, say: `the server started ${how}` })
    if (earlier?.to === undefined || earlier.to === program) return
    const say = `the program is ${program}, it was ${earlier.to}`
    this.note({ kind: 'version', subject: 'sluice', from: earlier.to, to: program, say })
  }

  private noteOptions(program: string, digest: string, options: object): void {
    const path = join(this.parts.cache, 'options.json')
    const before = this.read(path) as { program?: string; digest: string; options: object } | undefined
    if (before?.digest === digest) return
    this.write(path, { program, digest, options })
    if (!before) return
    // Another program has options of its own: nobody set those.
    const changed = optionsDiff(before.options, options).filter(
      ({ from }) => before.program === program || from !== UNSET,
    )
    for (const { option, from, to } of changed.slice(0, OPTIONS_TOLD))
      this.note({ kind: 'configuration', subject: option, from, to, say: `${option} is ${to}, it was ${from}` })
    if (changed.length > OPTIONS_TOLD) {
      const left = changed.length - OPTIONS_TOLD
      const say = `${left} further ${left === 1 ? 'option differs' : 'options differ'} from before`
      this.note({ kind: 'configuration', subject: 'others', from: before.digest, to: digest, say })
    }
  }

  private noteVersions(): void {
    for (const [subject, { kind, version }] of Object.entries(this.parts.versions())) {
      const known = this.versions.get(subject) ?? this.notedLast(kind, subject)
      const before = known?.version
      // A model that encodes its items first is not gone: what was in use before the start is waited for.
      if (version === undefined && kind !== 'fault' && !known?.seen) continue
      this.versions.set(subject, { version, seen: true })
      if (version === before) continue
      this.note({
        kind,
        subject,
        ...(before === undefined ? {} : { from: before }),
        ...(version === undefined ? {} : { to: version }),
        say:
          kind === 'fault'
            ? `injected on purpose: ${version ?? 'nothing any more'}`
            : `${subject.endsWith(` ${kind}`) ? subject : `${kind} ${subject}`} is ${version ?? 'not in use'}, it was ${before ?? 'not in use'}`,
      })
      this.tellVersions()
      this.takeTrained()
    }
  }

  /** What another run left: what has changed since is noted, whoever changed it and when. */
  private notedLast(kind: Change['kind'], subject: string): Noted | undefined {
    const last = this.changes.all.findLast((change) => change.kind === kind && change.subject === subject)
    return last && { version: last.to }
  }

  private takeTrained(): void {
    this.tried(() => this.parts.watch?.learnt(this.parts.trained()))
  }

  private tellVersions(): void {
    for (const [subject, { kind, version }] of Object.entries(this.parts.versions()))
      if (kind === 'model') this.parts.metrics?.modelVersion(subject, Number(version ?? 0))
      else if (kind === 'shadow')
        this.parts.metrics?.shadowVersion(subject.split(' ', 1)[0] ?? '', Number(version) || 0)
  }

  private note(change: Omit<Change, 'at'>): void {
    if (!this.parts.serves) return
    this.parts.metrics?.change(change.kind)
    this.tried(() => this.changes.add({ at: this.parts.clock.now(), ...change }))
  }

  private restoreReference(): void {
    const kept = this.read(this.referencePath) as DriftReference | undefined
    if (kept) this.parts.watch?.restore(kept)
  }

  private keepReference(): void {
    this.write(this.referencePath, this.parts.watch?.reference)
  }

  private get referencePath(): string {
    return join(this.parts.cache, 'drift.json')
  }

  /** Undefined when it is not there or no JSON: it is in the cache, and made anew. */
  private read(path: string): unknown {
    try {
      return JSON.parse(readFileSync(path, 'utf8'))
    } catch {
      return undefined
    }
  }

  private write(path: string, value: unknown): void {
    this.tried(() => {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, JSON.stringify(value))
    })
  }

  private tried(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.parts.log?.error({ error }, 'cannot keep what was observed; serving goes on')
    }
  }
}
