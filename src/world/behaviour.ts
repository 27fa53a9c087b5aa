import { BLOCKED, clamp, type ItemTruth, SENSITIVE } from './items.ts'

/**
 * How viewers behave, as formulas over the truth. All probabilities and values are in [0, 1]. What a viewer knows of
 * an item before the click makes the attraction; what the item is worth makes the enjoyment. Clickbait raises the one
 * and lowers the other: that is why clicks are not satisfaction.
 */

/** Position bias: an item at position p is looked at with probability 1 / (1 + p)^eta, whatever it is. */
export const etas = { home: 0.6, next: 0.9, search: 1, other: 0.7 } as const

export function examination(surface: string, position: number): number {
  const eta = surface in etas ? etas[surface as keyof typeof etas] : etas.other
  return (1 + position) ** -eta
}

/** What the viewer brings to an item. */
export interface Encounter {
  /** True affinity. */
  affinity: number
  /** 0 to 1. */
  susceptibility: number
  /** Earlier impressions of the same item. */
  shown: number
  /** Has it been watched before? */
  watched: boolean
  /** Has the item that must come before it been watched? True when there is none. */
  ready: boolean
  followed: boolean
  /** Watched in this session on the same topic. */
  sated: number
  /** What the order of the latest watches adds to the logit of a click. */
  pull: number
  age: number
}

/** Probability of a click, given that the viewer looked at it. */
export function clickProbability(items: ItemTruth, item: number, met: Encounter): number {
  const series = items.previous[item] < 0 ? 0 : met.ready ? 1.2 : -0.4
  const logit =
    -1.8 +
    3.4 * met.affinity +
    3 * (items.quality[item] - 0.5) +
    1.6 * items.clickbait[item] * (0.4 + 1.2 * met.susceptibility) +
    series +
    (met.followed ? 0.5 : 0) -
    0.3 * met.shown -
    (met.watched ? 2.5 : 0) -
    0.2 * met.sated +
    met.pull
  return 1 / (1 + Math.exp(-logit))
}

/** What is left of the enjoyment of an episode, and of a lesson, when the one before it was not watched. */
export const OUT_OF_ORDER = 0.4
export const LESSON_OUT_OF_ORDER = 0.2

/** Worth of the item to the viewer once opened, 0 to 1, before chance. */
export function enjoyment(items: ItemTruth, item: number, met: Encounter): number {
  let worth = 0.08 + 0.55 * met.affinity + 0.55 * items.quality[item] - 0.55 * items.clickbait[item]
  if (met.followed) worth += 0.05
  worth -= 0.03 * met.sated
  worth = clamp(worth)
  if (items.previous[item] >= 0) {
    if (met.ready) worth = clamp(worth * 1.15)
    else worth *= items.lesson[item] === 1 ? LESSON_OUT_OF_ORDER : OUT_OF_ORDER
  }
  if (met.watched) worth *= 0.5
  if (items.flag[item] === SENSITIVE) worth *= met.age < 18 ? 0.4 : 0.8
  if (items.flag[item] === BLOCKED) worth *= 0.2
  return worth
}

/** Mean share watched: less of long items. */
export function expectedCompletion(items: ItemTruth, item: number, enjoyed: number): number {
  return clamp((0.06 + 0.92 * enjoyed) / (1 + items.duration[item] / 5400))
}

/** Satisfaction afterwards: enjoyment, and a little for having seen it through. */
export function satisfactionOf(enjoyed: number, completion: number): number {
  return clamp(enjoyed + 0.1 * (completion - 0.5))
}

/** What to expect of a click: mean share watched and mean satisfaction. Chance is symmetric around both but at the ends. */
export function expectedSatisfaction(items: ItemTruth, item: number, met: Encounter): number {
  const enjoyed = enjoyment(items, item, met)
  return satisfactionOf(enjoyed, expectedCompletion(items, item, enjoyed))
}

/** What showing an item is worth: the probability of a click times the satisfaction above that of a bored session. */
export function expectedGain(items: ItemTruth, item: number, met: Encounter): number {
  return clickProbability(items, item, met) * (expectedSatisfaction(items, item, met) - BORED)
}

/** Share watched from which an item counts as watched: the next episode is then ready. */
export const WATCHED_SHARE = 0.3

/** Probability of each reaction after a watch, from the satisfaction (0 to 1) and the truth of the item. */
export const reactions = {
  like: (glad: number) => 0.4 * glad ** 2,
  share: (glad: number) => 0.08 * glad ** 3,
  follow: (glad: number) => 0.1 * glad ** 3,
  'not-interested': (glad: number) => 0.1 * (1 - glad) ** 3,
  report: (glad: number, clickbait: number) => 0.02 * (1 - glad) ** 4 * (0.5 + clickbait),
  survey: () => 0.03,
} as const

/** A blocked item that slips through is reported this often; a sensitive one shown to a minor too. */
export const HARM_REPORT = 0.25

/** How far one session moves the recent satisfaction, and what a session without a watch counts as. */
const RECENT = 0.4
export const BORED = 0.25
/** Recent satisfaction of somebody new. */
export const HOPE = 0.55

export function recentAfter(recent: number, session: number): number {
  return recent + RECENT * (session - recent)
}

/**
 * Probability that a viewer who leaves with this recent satisfaction gives the platform up. The hazard is one of time, so a
 * usual gap of `gapWeeks` until the next visit counts accordingly: a week costs 0.01 when all is well and 0.45 more
 * when not, with the change around TOLERANCE.
 */
export function churnProbability(recent: number, gapWeeks: number): number {
  const hazard = 0.01 + 0.45 / (1 + Math.exp((recent - TOLERANCE) / 0.05))
  return 1 - Math.exp(-hazard * Math.min(4, gapWeeks))
}
/** Recent satisfaction below which viewers soon give up. */
export const TOLERANCE = 0.37
/** Who gave up comes back, if at all, after 30 days and then this many more on average. */
export const AWAY_DAYS = 90

/** How the mean gap between sessions stretches or shrinks: 1 at a recent satisfaction of 0.5. */
export function gapFactor(recent: number): number {
  return Math.exp(1.8 * (0.5 - recent))
}
