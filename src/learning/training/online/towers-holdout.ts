import { hash32, Random } from '../../../foundation/base/index.ts'
import type { TwoTowerEncoder } from '../../models/index.ts'
import { type Consumption, drawLiving, type Living } from './towers-step.ts'

/** Share of the consumptions that are never learned from, by lot. */
const HOLDOUT_SHARE = 0.1
/** The latest ones that are kept. */
const HOLDOUT_MAX = 1024
/** Items that each of them is held against, drawn evenly from the catalogue. */
const AGAINST = 1024

/** The latest consumptions that nothing was learned from: what fresh towers and the live ones are held against. */
export class TowersHoldout {
  private held: Consumption[] = []
  private readonly seed: number

  constructor(seed: string) {
    this.seed = hash32(`${seed} holdout`)
  }

  get size(): number {
    return this.held.length
  }

  /** Keeps a consumption, or leaves it to be learned from. The same ones whatever else comes. */
  keeps(one: Consumption): boolean {
    const { item, request } = one
    if (hash32(`${item} ${request.at} ${request.user}`, this.seed) >= HOLDOUT_SHARE * 4_294_967_296) return false
    this.held.push(one)
    if (this.held.length > HOLDOUT_MAX) this.held.shift()
    return true
  }

  forgetUser(user: number): void {
    this.held = this.held.filter(({ request }) => request.user !== user)
  }

  /**
   * Mean of -ln of the share of the softmax that the item consumed has among items drawn evenly, the same ones for
   * equal seeds. NaN when nothing is held.
   */
  async loss(encoder: TwoTowerEncoder, living: Living, temperature: number, seed: string): Promise<number> {
    const random = new Random(seed)
    const against = Uint32Array.from({ length: AGAINST }, () => drawLiving(living, random))
    const own = Uint32Array.from(this.held, ({ item }) => item)
    const { units } = encoder
    const users = await encoder.encodeUsers(this.held.map(({ request }) => request))
    const wanted = await encoder.encodeItems(own)
    const others = await encoder.encodeItems(against)
    const dot = (i: number, vectors: Float32Array, place: number): number => {
      let sum = 0
      for (let d = 0; d < units; d++) sum += users[i * units + d] * vectors[place * units + d]
      return sum / temperature
    }
    let loss = 0
    for (let i = 0; i < own.length; i++) {
      const score = dot(i, wanted, i)
      let sum = 1
      for (let j = 0; j < AGAINST; j++) if (against[j] !== own[i]) sum += Math.exp(dot(i, others, j) - score)
      loss += Math.log(sum)
    }
    return loss / own.length
  }
}
