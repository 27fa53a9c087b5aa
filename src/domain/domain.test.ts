import { describe, expect, it } from 'vitest'
import { SluiceError } from '../foundation/base/index.ts'
import { completeConfig, Kinds, kinds, parseEvent, parseItem, parseSlateRequest, timeOf } from './index.ts'

describe('completeConfig', () => {
  it('fills in defaults, of surfaces too, and lets a surface change one thing', () => {
    const config = completeConfig({
      surfaces: { home: { limit: 5 }, shelf: { sources: { popular: { limit: 10, weight: 1 } } } },
    })
    expect(config.surfaces['home']).toMatchObject({ limit: 5, retrieve: 1000, rank: 200, budgetMs: 100 })
    expect(config.surfaces['home']?.sources['slim']).toEqual({ limit: 300, weight: 3 })
    expect(config.surfaces['shelf']).toMatchObject({ limit: 20, seen: 'remove', sources: { popular: { limit: 10 } } })
    expect(config.objective.trade).toEqual({ primary: 0.005, guardrail: 0.05 })
  })

  it('does not change what it was given', () => {
    const input = { surfaces: { home: { limit: 5 } } }
    completeConfig(input)
    expect(input).toEqual({ surfaces: { home: { limit: 5 } } })
  })

  it.each([
    [{ server: { port: -1 } }, '/server/port must be >= 0'],
    [{ surfaces: { home: { limit: 0 } } }, '/surfaces/home/limit must be >= 1'],
    [{ events: { unknownItems: 'maybe' } }, '/events/unknownItems'],
    [{ retreival: {} }, '/retreival is not a known property'],
    [{ pins: {} }, 'There is a retrieval.pins'],
    [{ learning: { creatorCap: 2 } }, 'There is a surfaces.*.creatorCap'],
    [{ learning: { settings: { bts: { lr: 1 } } } }, '/learning/settings/bts'],
  ])('says where and why %j is wrong', (input, message) => {
    const check = () => completeConfig(input as never)
    expect(check).toThrow(SluiceError)
    expect(check).toThrow(message)
  })
})

describe('parsers', () => {
  it('take what is right and say where the rest is wrong', () => {
    expect(parseItem({ id: 'a', price: 3 }).ok).toBe(true)
    expect(parseItem({ id: 'a', prise: 3 })).toMatchObject({
      ok: false,
      where: '/prise',
      why: expect.stringMatching(/^is not a known property: did you mean "price"\? Known: id, title, /),
    })
    expect(parseItem({ id: '' })).toMatchObject({ ok: false, where: '/id' })
    expect(parseItem({ id: 'a\nb' })).toMatchObject({ ok: false, where: '/id' })
    expect(parseEvent({ id: 'e', kind: 'click', at: Number.NaN })).toMatchObject({ ok: false })
    expect(parseEvent({ id: 'e', kind: 'watch', at: 1, completion: 1.5 })).toMatchObject({
      ok: false,
      where: '/completion',
    })
    expect(parseEvent(null).ok).toBe(false)
    expect(
      parseSlateRequest({ surface: 'home', filter: { any: [{ field: 'price', max: 3 }, { not: { field: 'x' } }] } }).ok,
    ).toBe(true)
    expect(parseSlateRequest({ surface: 'home', limit: 1e9 })).toMatchObject({ ok: false, where: '/limit' })
  })

  it('tell the value, what may be there, and up to three faults', () => {
    const norway = parseSlateRequest({ surface: 'home', context: { country: 'Norway' } })
    expect(norway).toMatchObject({
      where: '/context/country',
      why: 'must be a country in two letters (ISO 3166-1), such as NO, not "Norway"',
    })
    expect(parseEvent({ id: 'e', kind: 'click', at: 'yesterday' })).toMatchObject({
      where: '/at',
      why: expect.stringMatching(/milliseconds since 1970, or ISO 8601 text .*, not "yesterday"$/),
    })
    const rule = parseSlateRequest({ surface: 'home', limit: 1.5, filter: { any: [{ feild: 'x' }] } })
    expect(rule).toMatchObject({
      where: '/filter/any/0/feild',
      why: expect.stringMatching(/did you mean "field"\? .*; \/limit must be integer, not 1\.5$/),
    })
    expect(parseItem({ id: 'a', title: 'x'.repeat(600) })).toMatchObject({
      why: expect.stringMatching(/x{40}\.\.\."$/),
    })
    expect(parseItem({ id: 'a', title: ['secret'] })).toMatchObject({ why: 'must be string, not a list' })
  })

  it('do not repeat a secret', () => {
    const check = () => completeConfig({ server: { apiKeys: [{ key: 'hunter2', rights: ['read'] }] } })
    expect(check).toThrow(/apiKeys\/0\/key must not have fewer than 8/)
    expect(check).not.toThrow(/hunter2/)
  })

  it('read times as milliseconds or ISO text', () => {
    expect(timeOf('2026-01-02T03:04:05Z')).toBe(Date.UTC(2026, 0, 2, 3, 4, 5))
    expect(timeOf(12)).toBe(12)
    expect(timeOf('yesterday...')).toBeNaN()
  })
})

describe('names of your own', () => {
  it('may be those of members that every object has, but for __proto__', () => {
    const wink = { strength: 2, consumes: true }
    const kinds = new Kinds({ constructor: wink, toString: wink })
    expect(kinds.specs[kinds.code('constructor')]).toMatchObject(wink)
    expect(kinds.code('valueOf')).toBe(-1)
    const { surfaces } = completeConfig({ surfaces: { constructor: { limit: 3 } } })
    expect(surfaces['constructor']).toMatchObject({ limit: 3, needs: 'nothing' })
    expect(parseItem({ id: 'a', attributes: { toString: 'b' } }).ok).toBe(true)
    for (const text of ['{"surfaces":{"__proto__":{}}}', '{"budgets":{"profiles":{"__proto__":{}}}}'])
      expect(() => completeConfig(JSON.parse(text))).toThrow('/__proto__ is no name: one has 1 to 64 characters')
    const long = 'x'.repeat(65)
    expect(() => completeConfig({ surfaces: { [long]: {} } })).toThrow(`/surfaces/${long} is no name`)
  })

  it('are 1 to 64 characters long', () => {
    const named = (name: string) => parseItem({ id: 'a', attributes: { [name]: 1 } })
    expect(named('x'.repeat(64)).ok).toBe(true)
    const why = 'is no name: one has 1 to 64 characters and is not __proto__'
    expect(named('x'.repeat(65))).toEqual({ ok: false, where: `/attributes/${'x'.repeat(65)}`, why })
    expect(named('')).toEqual({ ok: false, where: '/attributes/', why })
    expect(parseItem(JSON.parse('{"id":"a","attributes":{"__proto__":1}}'))).toMatchObject({ ok: false, why })
  })
})

describe('Kinds', () => {
  it('keeps built-in codes whatever is configured, and gives new kinds codes after them', () => {
    const plain = new Kinds()
    const custom = new Kinds({ finish: { strength: 6, consumes: true }, click: { strength: 2, consumes: true } })
    for (const name of Object.keys(kinds)) expect(custom.code(name)).toBe(plain.code(name))
    expect(custom.code('finish')).toBe(Object.keys(kinds).length)
    expect(custom.strength(custom.code('finish'), Number.NaN, Number.NaN)).toBe(6)
    expect(custom.strength(custom.code('click'), Number.NaN, Number.NaN)).toBe(2)
    expect(plain.code('finish')).toBe(-1)
  })

  it('scales strength by what was watched, rated or answered', () => {
    const table = new Kinds()
    const strength = (kind: string, value = Number.NaN, completion = Number.NaN) =>
      table.strength(table.code(kind), value, completion)
    expect(strength('watch', 30, 1)).toBeCloseTo(2)
    expect(strength('watch', 30, 0)).toBeCloseTo(0.2)
    expect(strength('watch')).toBe(1)
    expect(strength('rating', 5)).toBeCloseTo(3)
    expect(strength('rating', 1)).toBeCloseTo(1)
    expect(strength('survey', 1)).toBe(-3)
    expect(strength('survey', 3)).toBe(0)
    expect(strength('report')).toBe(-10)
  })
})
