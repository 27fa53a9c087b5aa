import { expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { correctLogits, Frequencies } from './frequency.ts'

it('follows the worked example: batches 8, 18, 26 and 36', () => {
  const frequencies = new Frequencies({ rate: 0.1, gap: 10 })
  for (const step of [8, 18, 26, 36]) frequencies.observe(new Uint32Array([42, 42]), step)
  expect(frequencies.gap(42)).toBeCloseTo(9.6742, 5)
  expect(Math.exp(frequencies.logQ(new Uint32Array([42]))[0])).toBeCloseTo(0.1033677203, 7)
})

it('comes near the true probabilities of a stream', () => {
  const frequencies = new Frequencies({ rate: 0.02, gap: 100 })
  const random = new Random('stream')
  const probabilities = [0.9, 0.3, 0.1, 0.03]
  for (let step = 0; step < 6000; step++) {
    frequencies.observe(Uint32Array.from(probabilities.flatMap((p, item) => (random.chance(p) ? [item] : []))))
  }
  for (const [item, p] of probabilities.entries()) expect(frequencies.gap(item) * p).toBeCloseTo(1, 0)
})

it('lets a collision only make an item look more frequent, and more hashes make that rarer', () => {
  const wrong = (hashes: number) => {
    const frequencies = new Frequencies({ cells: 256, hashes, rate: 1, gap: 1 })
    for (let step = 1; step <= 400; step++) frequencies.observe(new Uint32Array([step % 100]))
    let off = 0
    for (let item = 0; item < 100; item++) {
      expect(frequencies.gap(item)).toBeLessThanOrEqual(100)
      if (frequencies.gap(item) < 100) off++
    }
    return off
  }
  expect(wrong(4)).toBeLessThan(wrong(1) / 3)
})

it('corrects every column, as in the worked example', () => {
  const logQ = Float32Array.from([0.1, 0.01, 0.001], Math.log)
  const logits = correctLogits(new Float32Array([2, 1.5, 0.5, 0, 0, 0]), logQ)
  for (const [i, wanted] of [4.302585, 6.10517, 7.407755].entries()) expect(logits[i]).toBeCloseTo(wanted, 5)
  expect(logits[5]).toBeCloseTo(-Math.log(0.001), 5)
  expect(() => correctLogits(new Float32Array(4), logQ)).toThrow(RangeError)
})

it('goes on from a save, and refuses a damaged one', () => {
  const frequencies = new Frequencies({ cells: 64 })
  frequencies.observe(new Uint32Array([1, 2, 3]))
  frequencies.observe(new Uint32Array([2]))
  const saved = frequencies.encode()
  const again = Frequencies.decode(saved)
  for (const one of [frequencies, again]) one.observe(new Uint32Array([3]))
  expect(Buffer.compare(again.encode(), frequencies.encode())).toBe(0)
  saved[saved.length - 20] ^= 1
  expect(() => Frequencies.decode(saved)).toThrow(/checksum/)
})
