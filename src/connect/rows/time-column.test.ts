import { describe, expect, it } from 'vitest'
import { TimeColumn } from './time-column.ts'
import { isoOf, momentOf, numberOf } from './values.ts'

const at = Date.UTC(2024, 4, 1, 12, 30, 15)

describe('times', () => {
  it.each([
    ['2024-05-01T12:30:15Z', at],
    ['2024-05-01 12:30:15', at], // no zone: UTC, on every machine
    ['2024-05-01 12:30:15.250 UTC', at + 250],
    ['2024-05-01T14:30:15+02:00', at],
    ['2024-05-01T14:30:15+0200', at],
    ['2024-05-01', Date.UTC(2024, 4, 1)],
    ['2024-13-01', Number.NaN],
    ['1923-01-01', Number.NaN],
    ['May 1, 2024', Number.NaN],
    ['', Number.NaN],
  ])('reads %j', (text, expected) => expect(isoOf(text)).toBe(expected))

  it.each([
    ['seconds', 1 / 1000],
    ['milliseconds', 1],
    ['microseconds', 1000],
    ['nanoseconds', 1e6],
  ])('finds %s by the size of most values', (_, perMs) => {
    const column = new TimeColumn()
    const read = [5, at * perMs, String(at * perMs), BigInt(Math.round(at * perMs))].map((value) => column.read(value))
    expect(read[2]! * column.unitMs).toBeCloseTo(at, -1)
    expect(read[3]! * column.unitMs).toBeCloseTo(at, -1)
  })

  it('takes text or numbers as the first value has them, and refuses the others', () => {
    const text = new TimeColumn()
    expect(text.read('nonsense')).toBeNaN()
    expect(text.read('2024-05-01T12:30:15Z')).toBe(at)
    expect(text.read(new Date(at))).toBe(at)
    expect(text.read('1714566615')).toBeNaN()
    expect(text.unitMs).toBe(1)
    const numbers = new TimeColumn()
    expect(numbers.read('1714566615')).toBe(1714566615)
    expect(numbers.read('2024-05-01')).toBeNaN()
    expect(numbers.read(-1)).toBeNaN()
    expect(numbers.read(null)).toBeNaN()
    expect(numbers.unitMs).toBe(1000)
  })
})

describe('numberOf and momentOf', () => {
  it('know what is no number', () => {
    expect(['4.5', ' -3 ', '1e3', '.5', '2.'].map(numberOf)).toEqual([4.5, -3, 1000, 0.5, 2])
    for (const text of ['', ' ', '0x10', 'Infinity', 'NaN', '1,5', '4 5', undefined]) expect(numberOf(text)).toBeNaN()
    expect(momentOf('964982703', 1000)).toBe(964982703000)
    expect(momentOf('-1', 1000)).toBeNaN()
    expect(momentOf('9e15', 1000)).toBeNaN()
  })
})
