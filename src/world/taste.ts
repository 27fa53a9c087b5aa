import { DAY } from '../foundation/base/index.ts'
import { STYLES } from './creators.ts'
import type { ItemTruth } from './items.ts'
import { TOPICS } from './topics.ts'
import type { UserTruth } from './users.ts'

/** How peaked tastes are: weights are exp(PEAK x logit), scaled so that the best topic has 1. */
const PEAK = 1.4
/** What a session's mood adds to the logit of its topic. */
const MOOD = 1.2
/** How much of the affinity style makes; the rest is topic. */
const STYLE_SHARE = 0.3
/** What is left of the affinity when the language is foreign. */
const FOREIGN = 0.3

/** Writes a user's topic weights at a moment, the best one 1, into `out` from `offset`. `mood`: a topic, or -1. */
export function tasteAt(
  users: UserTruth,
  user: number,
  at: number,
  end: number,
  mood: number,
  out: Float32Array,
  offset = 0,
): void {
  const days = (at - end) / DAY
  let best = Number.NEGATIVE_INFINITY
  for (let k = 0; k < TOPICS; k++) {
    const cell = user * TOPICS + k
    const angle = users.drift[cell] * days
    const own = users.tasteA[cell] * Math.cos(angle) + users.tasteB[cell] * Math.sin(angle)
    const logit = users.appeal[k] + own + (k === mood ? MOOD : 0)
    out[offset + k] = logit
    if (logit > best) best = logit
  }
  for (let k = 0; k < TOPICS; k++) out[offset + k] = Math.exp(PEAK * (out[offset + k] - best))
}

/** True affinity of a user with these topic weights to an item, 0 to 1: topic, style, language. */
export function affinityOf(
  users: UserTruth,
  items: ItemTruth,
  user: number,
  item: number,
  taste: Float32Array,
  offset = 0,
): number {
  const share = items.share[item]
  const topic = share * taste[offset + items.topic[item]] + (1 - share) * taste[offset + items.second[item]]
  let dot = 0
  for (let d = 0; d < STYLES; d++) dot += users.styles[user * STYLES + d] * items.styles[item * STYLES + d]
  const style = 1 / (1 + Math.exp(-1.2 * dot))
  const affinity = (1 - STYLE_SHARE) * topic + STYLE_SHARE * style
  const language = items.language[item]
  const understood = language === users.language[user] || (language === 0 && users.english[user] === 1)
  return understood ? affinity : affinity * FOREIGN
}
