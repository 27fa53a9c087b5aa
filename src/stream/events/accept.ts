import type { Clock, Shelf, Shelved } from '../../foundation/base/index.ts'
import {
  type Config,
  type Event,
  type EventInput,
  type Kinds,
  type KindSpec,
  parseEvent,
  type RejectionCode,
} from '../../domain/index.ts'
import { isBroken } from './broken-text.ts'
import { Dedupe } from './dedupe.ts'
import type { Entry } from './entry.ts'
import { timeVerdict } from './event-time.ts'

export interface AcceptorOptions {
  readonly kinds: Kinds
  readonly clock: Clock
  readonly limits: Pick<Config['events'], 'futureMs' | 'lateMs' | 'unknownItems' | 'duplicateWindow'>
  /** Is the item in the catalogue (or on its way there in the journal)? */
  readonly knowsItem: (id: string) => boolean
  /** Was the user erased a moment ago? Default: nobody was. */
  readonly isErased?: (user: string) => boolean
}

export type Verdict =
  | { readonly status: 'accepted'; readonly event: Event; readonly newItem: string | undefined }
  | { readonly status: 'duplicate' }
  | { readonly status: 'rejected'; readonly code: RejectionCode; readonly message: string }

/** What a batch came to. `entries` go to the journal as they stand: a bare item goes before the event that needs it. */
export interface Intake {
  readonly entries: readonly Entry[]
  readonly events: readonly Event[]
  readonly newItems: readonly string[]
  readonly duplicate: number
  readonly rejected: readonly { readonly index: number; readonly code: RejectionCode; readonly message: string }[]
}

/**
 * Turns unknown values into checked events. An accepted id is remembered at once, so that a second copy on its heels
 * is told; tell what became of the batch with `settle`, or a batch that the disk refused could never be sent again.
 * A duplicate may still be on its way to the disk: wait for the journal before answering it too.
 */
export class Acceptor implements Shelved {
  private readonly options: AcceptorOptions
  private readonly ids: Dedupe
  /** Bare items on their way: made by a batch that is not settled. */
  private readonly coming = new Set<string>()

  constructor(options: AcceptorOptions) {
    this.options = options
    this.ids = new Dedupe(options.limits.duplicateWindow)
  }

  /** The memory of ids. */
  shelve(shelf: Shelf): void {
    shelf.part('ids', this.ids)
  }

  /** `historical`: events of any age since 1990, for imports. */
  accept(batch: readonly unknown[], { historical = false }: { historical?: boolean } = {}): Intake {
    const entries: Entry[] = []
    const events: Event[] = []
    const newItems: string[] = []
    const rejected: { index: number; code: RejectionCode; message: string }[] = []
    let duplicate = 0
    const now = this.options.clock.now()
    for (const [index, value] of batch.entries()) {
      const verdict = this.judge(value, now, historical)
      if (verdict.status === 'duplicate') duplicate++
      else if (verdict.status === 'rejected') rejected.push({ index, code: verdict.code, message: verdict.message })
      else {
        const { event, newItem } = verdict
        if (newItem !== undefined) {
          newItems.push(newItem)
          entries.push({ type: 'item', item: { id: newItem }, at: now })
        }
        events.push(event)
        entries.push({ type: 'event', event })
      }
    }
    return { entries, events, newItems, duplicate, rejected }
  }

  /** Call when a batch is in the state (`kept`), or when it could not be written: then its ids are forgotten again. */
  settle(intake: Intake, kept: boolean): void {
    for (const id of intake.newItems) this.coming.delete(id)
    if (!kept) for (const event of intake.events) this.ids.forget(event.id)
  }

  /** Forgets the ids of events that are no longer in the journal. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.ids.forget(id)
  }

  /** Remembers what the journal holds; call it for every entry when replaying. */
  remember(entry: Entry): void {
    if (entry.type === 'event') this.ids.add(entry.event.id)
  }

  /** Judges one value, and remembers the id when it is accepted. `now`: milliseconds. */
  judge(value: unknown, now: number, historical: boolean): Verdict {
    if (hasBadNumberAsTime(value)) return rejected('ERR_TIME_INVALID', '/at is not a finite number')
    const parsed = parseEvent(value)
    if (!parsed.ok) return rejected('ERR_EVENT_INVALID', `${parsed.where} ${parsed.why}`)
    const input = parsed.value
    const broken = brokenProperty(input)
    if (broken) return rejected('ERR_EVENT_INVALID', `/${broken} holds half of a surrogate pair: it is no valid text`)
    if (this.ids.has(input.id)) return { status: 'duplicate' }
    const missing = this.missing(input)
    if (missing) return missing
    const time = timeVerdict(input.at, now, this.options.limits, historical)
    if (!time.ok) return rejected(time.code, time.message)
    if (input.user !== undefined && this.options.isErased?.(input.user)) {
      return rejected('ERR_USER_ERASED', `/user "${input.user}" was erased a moment ago: nothing is kept about them`)
    }
    const needed = itemNeeded(input)
    let newItem: string | undefined
    if (needed !== undefined && !this.options.knowsItem(needed) && !this.coming.has(needed)) {
      if (this.options.limits.unknownItems === 'reject') {
        return rejected('ERR_ITEM_UNKNOWN', `/item "${needed}" is not in the catalogue: put it there first`)
      }
      newItem = needed
      this.coming.add(needed)
    }
    this.ids.add(input.id)
    return { status: 'accepted', event: { ...input, at: time.at, receivedAt: now }, newItem }
  }

  private missing(input: EventInput): Verdict | undefined {
    const code = this.options.kinds.code(input.kind)
    if (code < 0) {
      const known = this.options.kinds.names.join(', ')
      return rejected('ERR_KIND_UNKNOWN', `/kind "${input.kind}" is not known; known kinds: ${known}`)
    }
    const incomplete = (what: string) => rejected('ERR_EVENT_INCOMPLETE', `a "${input.kind}" event needs ${what}`)
    if (input.user === undefined && input.session === undefined) return incomplete('"user" or "session"')
    const { about, value } = this.options.kinds.specs[code] as KindSpec
    if (about === 'item' && input.item === undefined) return incomplete('"item"')
    if (about === 'text' && input.query === undefined) return incomplete('"query"')
    if (about === 'creator' && input.creator === undefined && input.item === undefined) {
      return incomplete('"creator", or "item" for the creator of that item')
    }
    if (value?.needed && input.value === undefined) return incomplete(`"value": ${value.say}`)
    if (value && input.value !== undefined && !(input.value >= value.min && input.value <= value.max)) {
      return rejected('ERR_EVENT_INVALID', `/value of a "${input.kind}" is ${value.say}, not ${input.value}`)
    }
    return undefined
  }
}

function rejected(code: RejectionCode, message: string): Verdict {
  return { status: 'rejected', code, message }
}

/** NaN and the infinities are no JSON, but callers in the same process can send them. */
function hasBadNumberAsTime(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('at' in value)) return false
  return typeof value.at === 'number' && !Number.isFinite(value.at)
}

/** The item that must be known: what the event is about. A follow that names its creator, or a search, needs none. */
function itemNeeded(input: EventInput): string | undefined {
  if (input.kind === 'search' || (input.kind === 'follow' && input.creator !== undefined)) return undefined
  return input.item
}

const TEXTS = ['id', 'kind', 'user', 'session', 'item', 'creator', 'slate', 'surface', 'query', 'device'] as const

/** The property that holds half of a surrogate pair. */
function brokenProperty(input: EventInput): string | undefined {
  return TEXTS.find((name) => {
    const text = input[name]
    return text !== undefined && isBroken(text)
  })
}
