import { hash32, mix32 } from '../../foundation/base/index.ts'

/** How fresh vectors are drawn. */
export interface Initial {
  /** 'normal': bell-shaped, cut off at 3.46 deviations; 'uniform': all values alike. */
  readonly shape: 'normal' | 'uniform' | 'zero'
  /** Standard deviation of each element, at least 0. */
  readonly deviation: number
}

const GOLDEN = 0x9e3779b9
const UNIT = 1 / 65_536

/**
 * Fills vectors from an id's two hashes and a seed: equal ids start equal, whatever came before them. Only integers,
 * one multiplication and no transcendental function, so that every machine draws the same bits. The bell is the sum of
 * four uniform numbers (Irwin-Hall, variance 4/12).
 */
export function initialiser(initial: Initial, seed: string | number) {
  const salt = hash32(String(seed), 0x6d2b79f5)
  const { shape, deviation } = initial
  if (!(deviation >= 0)) throw new RangeError(`Cannot draw vectors with deviation ${deviation}: it must be 0 or more`)
  const bell = deviation * Math.sqrt(3)
  const flat = deviation * Math.sqrt(12)
  return (hash: number, hash2: number, floats: Float32Array, offset: number, dim: number): void => {
    const start = mix32(hash ^ salt)
    for (let k = 0; k < dim; k++) {
      if (shape === 'zero') {
        floats[offset + k] = 0
        continue
      }
      const a = mix32(start ^ mix32(hash2 + Math.imul(k, GOLDEN)))
      if (shape === 'uniform') {
        floats[offset + k] = flat * ((a + 0.5) / 0x1_0000_0000 - 0.5)
        continue
      }
      const b = mix32(a ^ GOLDEN)
      const sum = (a & 0xffff) + (a >>> 16) + (b & 0xffff) + (b >>> 16)
      floats[offset + k] = bell * ((sum + 2) * UNIT - 2)
    }
  }
}
