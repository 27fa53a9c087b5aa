import { hash32, mix32 } from '../foundation/base/index.ts'

/**
 * One seeded generator per row in one typed array (sfc32, as `Random`): what one user draws never depends on another.
 * Uniforms have 32 bits.
 */
export class Lots {
  private readonly state: Uint32Array

  constructor(seed: string, rows: number) {
    this.state = new Uint32Array(rows * 4)
    const a = hash32(seed, 0x9e3779b9)
    const b = hash32(seed, 0x243f6a88)
    for (let row = 0; row < rows; row++) {
      this.state[row * 4] = mix32(a ^ mix32(row + 1))
      this.state[row * 4 + 1] = mix32(b + row)
      this.state[row * 4 + 2] = row
      this.state[row * 4 + 3] = 1
      for (let i = 0; i < 12; i++) this.next(row)
    }
  }

  get bytes(): number {
    return this.state.byteLength
  }

  /** Uniform in [0, 1). */
  next(row: number): number {
    const state = this.state
    const at = row * 4
    const b = state[at + 1]
    const c = state[at + 2]
    const d = state[at + 3]
    const t = (state[at] + b + d) | 0
    state[at + 3] = d + 1
    state[at] = b ^ (b >>> 9)
    state[at + 1] = c + (c << 3)
    state[at + 2] = ((c << 21) | (c >>> 11)) + t
    return (t >>> 0) / 0x100000000
  }

  chance(row: number, probability: number): boolean {
    return this.next(row) < probability
  }

  /** Uniform integer in [0, n). */
  int(row: number, n: number): number {
    return Math.floor(this.next(row) * n)
  }

  /** Standard normal times `deviation` (Box-Muller, one of the pair). */
  normal(row: number, deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next(row)))
    return deviation * radius * Math.cos(2 * Math.PI * this.next(row))
  }

  exponential(row: number, mean: number): number {
    return -mean * Math.log(1 - this.next(row))
  }
}
