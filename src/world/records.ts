import { Random } from '../foundation/base/index.ts'
import type { Item, User } from '../domain/index.ts'
import { BLOCKED, SENSITIVE } from './items.ts'
import { languages, regions, TOPICS, topicNames, topicWords } from './topics.ts'
import { creatorId, itemId, type Planted, userId } from './truth.ts'
import { FOLLOWS_MAX } from './users.ts'

const plainTitles = [
  'The quiet art of {a} and {b}',
  '{a} and {b}, explained',
  'A closer look at {a}: {b} in practice',
  'What {a} taught me about {b}',
  'Better {a} with {b}',
  '{topic} notes: {a}, {b} and {c}',
  'An honest guide to {a}',
  'From {a} to {b} in one afternoon',
]
const baitTitles = [
  'You will not believe this {a}!',
  'Nobody tells you THIS about {a}',
  '5 {a} secrets that change everything',
  'I tried {a} for 30 days and {b} happened',
]
const seriesNames = ['{topic} stories', 'The {a} diaries', 'A year of {a}', 'Inside {b}']
const lessonNames = ['{topic} for beginners', 'The complete {a} course', 'Learn {topic} step by step']
const descriptions = [
  'Everything about {a}, {b} and {c}. A video on {topic} for people who like {d}.',
  'We talk {a} and {b}, then try {c} ourselves. More {topic} every week.',
  'A film on {topic} and {a}; with {b}, {c} and a little {d}.',
]

/** The record of an item as a platform would keep it: the truth behind it stays hidden. */
export function itemRecord({ sizes, items }: Planted, row: number): Item {
  const random = new Random(`${sizes.seed}/text/${row}`)
  const topic = items.topic[row]
  const words = wordsOf(random, topic, items.share[row] < 1 ? items.second[row] : -1)
  const series = items.series[row]
  const record: Item = {
    id: itemId(row),
    title: series < 0 ? titleOf(random, items.clickbait[row], words) : seriesTitle(`${sizes.seed}`, items, row, words),
    description: fill(random.pick(descriptions), words),
    creator: creatorId(items.creator[row]),
    categories: items.share[row] < 1 ? distinct([topic, items.second[row]]) : distinct([topic]),
    tags: tagsOf(random, words),
    language: languages[items.language[row]],
    duration: items.duration[row],
    published: items.published[row],
  }
  if (items.expires[row] !== Number.POSITIVE_INFINITY) record.expires = items.expires[row]
  if (items.ageRating[row] > 0) record.ageRating = items.ageRating[row]
  if (items.onlyRegion[row] >= 0) record.countries = [regions[items.onlyRegion[row]].country]
  if (items.flag[row] === BLOCKED) record.flags = ['blocked']
  if (items.flag[row] === SENSITIVE) record.flags = ['sensitive']
  if (series >= 0) record.attributes = { series: `s${series}`, episode: items.episode[row] }
  return record
}

/** The record of a user: about 70 % chose interests at sign-up, and those are only the tastes of that day. */
export function userRecord({ sizes, users }: Planted, row: number): User {
  const random = new Random(`${sizes.seed}/profile/${row}`)
  const record: User = {
    id: userId(row),
    country: regions[users.region[row]].country,
    language: languages[users.language[row]],
  }
  if (random.chance(0.9)) record.age = users.age[row]
  const follows = [...users.follows.subarray(row * FOLLOWS_MAX, (row + 1) * FOLLOWS_MAX)].filter((c) => c >= 0)
  if (follows.length > 0) record.follows = follows.map(creatorId)
  if (random.chance(0.7)) {
    const taste = users.tasteA.subarray(row * TOPICS, (row + 1) * TOPICS)
    const best = [...taste.keys()].sort((x, y) => taste[y] - taste[x] || x - y)
    record.interests = best.slice(0, 1 + random.int(3)).map((topic) => topicNames[topic])
  }
  return record
}

/** What a viewer who wants a topic types. `uniform` in [0, 1). */
export function queryFor(topic: number, uniform: number): string {
  const words = topicWords[topic]
  const place = Math.floor(uniform * words.length * 3)
  const word = words[place % words.length]
  return place < words.length ? word : place < words.length * 2 ? `${topicNames[topic]} ${word}` : topicNames[topic]
}

interface Words {
  readonly topic: string
  readonly a: string
  readonly b: string
  readonly c: string
  readonly d: string
}

function wordsOf(random: Random, topic: number, second: number): Words {
  const own = random.shuffle([...topicWords[topic]])
  const other = second < 0 ? own : random.shuffle([...topicWords[second]])
  return { topic: topicNames[topic], a: own[0], b: own[1], c: other[2], d: own[3] }
}

function titleOf(random: Random, clickbait: number, words: Words): string {
  return fill(random.pick(random.chance(clickbait) ? baitTitles : plainTitles), words)
}

/** One name for all of a series: drawn from the seed of the series, not of the item. */
function seriesTitle(seed: string, items: Planted['items'], row: number, words: Words): string {
  const random = new Random(`${seed}/series/${items.series[row]}`)
  const names = items.lesson[row] === 1 ? lessonNames : seriesNames
  const name = fill(random.pick(names), wordsOf(random, items.topic[row], -1))
  const part = items.lesson[row] === 1 ? 'lesson' : 'episode'
  return `${name}, ${part} ${items.episode[row]}: ${words.a} and ${words.b}`
}

function tagsOf(random: Random, { topic, a, b, c }: Words): string[] {
  return random.chance(0.5) ? [...new Set([topic, a, b, c])] : [...new Set([a, b, c])]
}

function distinct(list: readonly number[]): string[] {
  return [...new Set(list)].map((topic) => topicNames[topic])
}

function fill(text: string, words: Words): string {
  const filled = text.replace(/\{(\w+)\}/g, (_, name: keyof Words) => words[name])
  return filled.charAt(0).toUpperCase() + filled.slice(1)
}
