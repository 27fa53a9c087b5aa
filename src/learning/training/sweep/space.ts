import { Random } from '../../../foundation/base/index.ts'
import { nameOf, type Setting, type Settings, type TrainedModel, wrong } from './settings.ts'

/** What one setting may be: one of some values, or anything from a range. */
export type Choices =
  | readonly Setting[]
  | {
      readonly low: number
      readonly high: number
      /** `log`: every factor as likely as any other. Default log when high is ten times low or more. */
      readonly scale?: 'linear' | 'log'
      /** Whole numbers alone? Default when both ends are. */
      readonly whole?: boolean
    }

/** What may be tried, by the name of a setting. */
export type Space = Readonly<Record<string, Choices>>

/** Most combinations of a grid. */
const GRID_MAX = 10_000

/**
 * Reads a setting of a model: `NAME=a,b,c` (one of these) or `NAME=low..high` (a range). A value may be a list: `NAME=[256,128],[128,64]`.
 * @throws SluiceError ERR_SWEEP_SPACE
 */
export function parseSetting(model: TrainedModel, text: string): [string, Choices] {
  const at = text.indexOf('=')
  if (at <= 0 || at === text.length - 1)
    throw wrong(text, 'write NAME=VALUE, NAME=a,b,c, NAME=[a,b],[c,d] or NAME=low..high')
  const typed = text.slice(0, at)
  const name = nameOf(model, typed, text)
  const value = text.slice(at + 1)
  const range = /^([^,]+)\.\.([^,]+)$/.exec(value)
  if (range === null) return [name, value.split(/,(?![^[]*\])/).map(settingOf)] // not at commas within brackets
  const [low, high] = [Number(range[1]), Number(range[2])]
  return [name, checkRange(typed, { low, high })]
}

/** Reads a model's space as a file holds it. @throws SluiceError ERR_SWEEP_SPACE */
export function parseSpace(model: TrainedModel, value: unknown): Space {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong('the space', 'it must be an object of settings by name')
  return Object.fromEntries(
    Object.entries(value).map(([key, choices]) => {
      const name = nameOf(model, key)
      if (Array.isArray(choices) && choices.length > 0 && choices.every(isSetting)) return [name, choices]
      if (isSetting(choices)) return [name, [choices]]
      if (typeof choices === 'object' && choices !== null) return [name, checkRange(key, choices)]
      throw wrong(key, 'it must be a list of values or { low, high }')
    }),
  )
}

/** Every combination, in order. @throws SluiceError ERR_SWEEP_SPACE for a range, or too many */
export function grid(space: Space): Settings[] {
  let all: Settings[] = [{}]
  for (const [name, choices] of Object.entries(space)) {
    if (!isList(choices)) throw wrong(name, 'a grid needs values, not a range; leave out --grid to draw')
    all = all.flatMap((settings) => choices.map((value) => ({ ...settings, [name]: value })))
    if (all.length > GRID_MAX) throw wrong('the grid', `it has more than ${GRID_MAX} combinations`)
  }
  return all
}

/** Draws `count` settings, no two alike; fewer when the space has no more. */
export function draws(space: Space, count: number, seed: string | number): Settings[] {
  const random = new Random(`${seed} sweep`)
  const drawn = new Map<string, Settings>()
  for (let tries = 0; drawn.size < count && tries < count * 50; tries++) {
    const settings = Object.fromEntries(Object.entries(space).map(([name, choices]) => [name, draw(choices, random)]))
    drawn.set(JSON.stringify(settings), settings)
  }
  return [...drawn.values()]
}

function draw(choices: Choices, random: Random): Setting {
  if (isList(choices)) return choices[random.int(choices.length)] as Setting
  const { low, high, scale = low > 0 && high >= 10 * low ? 'log' : 'linear' } = choices
  const { whole = Number.isInteger(low) && Number.isInteger(high) } = choices
  const share = random.next()
  const value = scale === 'log' ? low * (high / low) ** share : low + (high - low) * share
  return whole ? Math.round(value) : Number(value.toPrecision(4))
}

function checkRange(name: string, value: object): Choices {
  const range = value as { low: number; high: number; scale?: 'linear' | 'log'; whole?: boolean }
  if (!Number.isFinite(range.low) || !Number.isFinite(range.high) || !(range.low < range.high))
    throw wrong(name, 'a range needs two numbers, the lower first')
  if (range.scale === 'log' && range.low <= 0) throw wrong(name, 'a range by factors must begin above 0')
  return range
}

function settingOf(text: string): Setting {
  if (text === 'true' || text === 'false') return text === 'true'
  const list = /^\[(.+)\]$/.exec(text)?.[1]?.split(',').map(Number)
  if (list?.every(Number.isFinite)) return list
  const number = Number(text)
  return text.trim() !== '' && Number.isFinite(number) ? number : text
}

const isList = (choices: Choices): choices is readonly Setting[] => Array.isArray(choices)
const isSetting = (value: unknown): value is Setting =>
  ['number', 'string', 'boolean'].includes(typeof value) ||
  (Array.isArray(value) && value.length > 0 && value.every(Number.isFinite))
