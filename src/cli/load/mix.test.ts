import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { drawSurface, parseMix, total } from './mix.ts'

describe('parseMix', () => {
  it('reads parts by surface', () => {
    expect(parseMix('home:80,next:200, search:40')).toEqual({ home: 80, next: 200, search: 40 })
    expect(parseMix('home')).toEqual({ home: 1 })
    expect(parseMix('home:1,home:2')).toEqual({ home: 3 })
    expect(total(parseMix('home:80,next:200,search:40'))).toBe(320)
  })

  it.each(['', 'home:', ':1', 'home:-1', 'home:0', 'home:x', 'home:1:2', 'home:1,', 'home:Infinity'])(
    'refuses %j',
    (text) => {
      expect(() => parseMix(text)).toThrow(/home:80/)
    },
  )
})

describe('drawSurface', () => {
  it('draws by the parts', () => {
    const mix = parseMix('home:1,next:3')
    const random = new Random('mix')
    const draws = Array.from({ length: 20_000 }, () => drawSurface(mix, random))
    // Binomial with p 1/4: five standard deviations are 0.0153.
    expect(draws.filter((surface) => surface === 'home').length / draws.length).toBeCloseTo(0.25, 1.5)
    expect(new Set(draws)).toEqual(new Set(['home', 'next']))
  })
})
