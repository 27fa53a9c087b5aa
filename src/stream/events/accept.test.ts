import { describe, expect, it } from 'vitest'
import vectors from '../../../test/vectors/events.json' with { type: 'json' }
import { manualClock } from '../../foundation/base/index.ts'
import { Kinds, rejections } from '../../domain/index.ts'
import { Acceptor, type AcceptorOptions } from './accept.ts'

const limits = { futureMs: 300_000, lateMs: 604_800_000, unknownItems: 'reject', duplicateWindow: 1000 } as const
const known = new Set(vectors.items)

function acceptor(more: Partial<AcceptorOptions> = {}): Acceptor {
  return new Acceptor({
    kinds: new Kinds(vectors.kinds),
    clock: manualClock(vectors.now),
    limits,
    knowsItem: (id) => known.has(id),
    isErased: (user) => user === vectors.erased,
    ...more,
  })
}

const click = (id: string, item = 'i1') => ({ id, kind: 'click', user: 'u1', item, at: vectors.now })

describe('taking events in', () => {
  const shared = acceptor()
  it.each(vectors.cases)(
    '$name: $expect',
    ({
      event,
      expect: wanted,
      historical,
      says,
      at,
    }: (typeof vectors.cases)[number] & { historical?: boolean; says?: string; at?: number }) => {
      const verdict = shared.judge(event, vectors.now, historical ?? false)
      expect(verdict.status === 'rejected' ? verdict.code : verdict.status).toBe(wanted)
      if (verdict.status === 'rejected') expect(verdict.message).toContain(says ?? '')
      if (verdict.status !== 'accepted') return
      expect(verdict.event).toMatchObject({ ...(event as object), at: at ?? vectors.now, receivedAt: vectors.now })
    },
  )

  it('has a vector for every rejection', () => {
    const seen = new Set(vectors.cases.map(({ expect: wanted }) => wanted))
    for (const code of Object.keys(rejections)) expect(seen).toContain(code)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses %s wherever a number goes',
    (bad) => {
      const codes = ['at', 'value', 'completion', 'position'].map((name) => {
        const verdict = acceptor().judge({ ...click('x'), [name]: bad }, vectors.now, true)
        return verdict.status === 'rejected' ? verdict.code : verdict.status
      })
      expect(codes).toEqual(['ERR_TIME_INVALID', 'ERR_EVENT_INVALID', 'ERR_EVENT_INVALID', 'ERR_EVENT_INVALID'])
    },
  )

  it('refuses half of a surrogate pair: it would match nothing again once written', () => {
    const verdict = acceptor().judge({ ...click('x'), user: 'u\ud83d' }, vectors.now, false)
    expect(verdict).toMatchObject({ code: 'ERR_EVENT_INVALID', message: expect.stringContaining('/user') })
  })

  it('accounts for every event of a batch, and tells duplicates within it', () => {
    const intake = acceptor().accept([click('1'), click('1'), 'junk', click('2', 'i2'), click('3', 'nope')])
    expect(intake.events.map(({ id }) => id)).toEqual(['1', '2'])
    expect(intake.entries.map(({ type }) => type)).toEqual(['event', 'event'])
    expect(intake.duplicate).toBe(1)
    expect(intake.rejected.map(({ index, code }) => [index, code])).toEqual([
      [2, 'ERR_EVENT_INVALID'],
      [4, 'ERR_ITEM_UNKNOWN'],
    ])
  })

  it('makes an unknown item once, before the first event about it, when configured', () => {
    const catalogue = new Set<string>()
    const taker = acceptor({ limits: { ...limits, unknownItems: 'create' }, knowsItem: (id) => catalogue.has(id) })
    const first = taker.accept([click('1', 'new'), click('2', 'new')])
    expect(first.entries.map(({ type }) => type)).toEqual(['item', 'event', 'event'])
    expect(first.newItems).toEqual(['new'])
    expect(taker.accept([click('3', 'new')]).newItems).toEqual([]) // on its way
    taker.settle(first, false)
    const again = taker.accept([click('1', 'new')]) // the disk refused the first batch: all of it can come again
    expect([again.newItems, again.duplicate]).toEqual([['new'], 0])
    taker.settle(again, true)
    catalogue.add('new')
    expect(taker.accept([click('1', 'new'), click('4', 'new')])).toMatchObject({ newItems: [], duplicate: 1 })
  })

  it('tells a duplicate of what the journal held', () => {
    const taker = acceptor()
    taker.remember({ type: 'event', event: { ...click('old'), receivedAt: 1 } })
    expect(taker.accept([click('old')])).toMatchObject({ duplicate: 1, entries: [] })
  })
})
