import { DAY, HOUR, Random } from '../foundation/base/index.ts'
import { type Creators, creatorAt, HOME_TOPICS, STYLES } from './creators.ts'
import type { WorldSizes } from './options.ts'
import { devices, regionAt, regionLanguage, regions, TOPICS } from './topics.ts'

/** Share of the users who join before the history starts. */
const BEFORE_START = 0.75
/** Creators a user follows from the first day: most, mean. */
export const FOLLOWS_MAX = 6

/** The planted truth of the audience. Rows are in order of joining. */
export interface UserTruth {
  readonly count: number
  /** Milliseconds. */
  readonly joined: Float64Array
  /**
   * Taste in motion, [count x TOPICS] each: the logit of topic k at t is appeal + a cos(w t) + b sin(w t), t in days
   * from the end. a, b are standard normal and w is normal, so over users the correlation of a taste with itself d days
   * later is exp(-(DRIFT d)^2 / 2).
   */
  readonly tasteA: Float32Array
  readonly tasteB: Float32Array
  readonly drift: Float32Array
  /** [TOPICS] what all like alike. */
  readonly appeal: Float32Array
  /** [count x STYLES] standard normal; does not drift. */
  readonly styles: Float32Array
  readonly region: Uint8Array
  readonly language: Uint8Array
  /** 1 for those who speak English beside their own language. */
  readonly english: Uint8Array
  /** Years. */
  readonly age: Uint8Array
  /** How often they come, relative to the mean of 1 (log-normal). */
  readonly activity: Float32Array
  /** 0 to 1: how easily a promising title gets their click. */
  readonly susceptibility: Float32Array
  readonly device: Uint8Array
  /** Milliseconds after midnight UTC around which they come. */
  readonly hour: Float64Array
  /** [count x FOLLOWS_MAX] creator rows followed when joining, -1 for none. */
  readonly follows: Int32Array
}

/** Standard deviation of the taste's angular speed, radians a day: after 28 days the correlation is 0.68. */
export const DRIFT = 0.0315

export function makeUsers(sizes: WorldSizes, creators: Creators): UserTruth {
  const { seed, users: count } = sizes
  const random = new Random(`${seed}/users`)
  const made: UserTruth = {
    count,
    joined: joins(sizes),
    tasteA: new Float32Array(count * TOPICS),
    tasteB: new Float32Array(count * TOPICS),
    drift: new Float32Array(count * TOPICS),
    appeal: Float32Array.from({ length: TOPICS }, () => random.normal(0, 0.6)),
    styles: new Float32Array(count * STYLES),
    region: new Uint8Array(count),
    language: new Uint8Array(count),
    english: new Uint8Array(count),
    age: new Uint8Array(count),
    activity: new Float32Array(count),
    susceptibility: new Float32Array(count),
    device: new Uint8Array(count),
    hour: new Float64Array(count),
    follows: new Int32Array(count * FOLLOWS_MAX).fill(-1),
  }
  for (let row = 0; row < count; row++) {
    for (let k = row * TOPICS; k < (row + 1) * TOPICS; k++) {
      made.tasteA[k] = random.normal()
      made.tasteB[k] = random.normal()
      made.drift[k] = random.normal(0, DRIFT)
    }
    for (let d = row * STYLES; d < (row + 1) * STYLES; d++) made.styles[d] = random.normal()
    const region = regionAt(random.next())
    made.region[row] = region
    made.language[row] = regionLanguage[region]
    made.english[row] = made.language[row] === 0 || random.chance(0.4) ? 1 : 0
    made.age[row] = Math.round(13 + 60 * random.beta(1.6, 3))
    made.activity[row] = Math.exp(random.normal(-0.405, 0.9))
    made.susceptibility[row] = random.beta(2, 2)
    made.device[row] = Math.min(random.int(devices.length), random.int(devices.length))
    const local = random.chance(0.3) ? random.normal(12, 2.5) : random.normal(20, 2)
    made.hour[row] = ((((local - regions[region].utc) % 24) + 24) % 24) * HOUR
    chooseFollows(made, row, creators, random)
  }
  return made
}

/** Some follow creators from the start: of all they come across, those at home in their best topics. */
function chooseFollows(users: UserTruth, row: number, creators: Creators, random: Random): void {
  if (!random.chance(0.4)) return
  const wanted = 1 + random.int(FOLLOWS_MAX)
  let kept = 0
  for (let tries = 0; tries < 8 * wanted && kept < wanted; tries++) {
    const creator = creatorAt(creators, random.next())
    if (users.tasteA[row * TOPICS + creators.topics[creator * HOME_TOPICS]] < 0.7) continue
    const held = users.follows.subarray(row * FOLLOWS_MAX, row * FOLLOWS_MAX + kept)
    if (!held.includes(creator)) users.follows[row * FOLLOWS_MAX + kept++] = creator
  }
}

function joins({ seed, start, end, users: count }: WorldSizes): Float64Array {
  const random = new Random(`${seed}/joins`)
  const joined = new Float64Array(count)
  for (let row = 0; row < count; row++) {
    const early = row < Math.ceil(count * BEFORE_START)
    joined[row] = Math.floor(early ? start - 1 - 300 * DAY * random.next() : random.between(start, end - HOUR))
  }
  return joined.sort()
}
