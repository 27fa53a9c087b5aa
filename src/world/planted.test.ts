import { expect, test } from 'vitest'
import { DAY, Random } from '../foundation/base/index.ts'
import { parseEvent } from '../domain/index.ts'
import { createWorld, drawnByLot } from './index.ts'
import { DRIFT } from './users.ts'

// What was planted must come out again by plain counting, from slates whose order is pure lot.
const world = createWorld({ seed: 'planted', users: 800, items: 1200, creators: 150, days: 7, events: 20_000 })
const slates = randomSlates(24_000, 8)

/** Shows slates drawn wholly by lot to users drawn by lot; gives the events of each. */
function randomSlates(count: number, length: number) {
  const random = new Random('slates')
  const live = world.live()
  return Array.from({ length: count }, (_, n) => {
    const at = world.end + n * 1000
    const rows = new Set<number>()
    while (rows.size < length) rows.add(random.int(world.sizes.items))
    const items = [...rows].map((row, position) => ({ item: world.itemId(row), position }))
    const ask = live.visit(random.int(world.sizes.users), at)
    return live.react(ask, { slate: `r${n}`, surface: 'home', items }, at)
  })
}

test('clicks by position follow 1 / (1 + position)^0.6', () => {
  const shown = new Float64Array(8)
  const clicked = new Float64Array(8)
  for (const { events } of slates) {
    for (const { kind, position } of events) {
      if (kind === 'impression') shown[position!]++
      if (kind === 'click') clicked[position!]++
    }
  }
  const rates = clicked.map((clicks, p) => clicks / shown[p])
  for (let p = 1; p < 8; p++) expect(rates[p] / rates[0]).toBeCloseTo((1 + p) ** -0.6, 1)
  const x = Array.from(rates, (_, p) => Math.log(1 + p))
  const y = Array.from(rates, Math.log)
  expect(slope(x, y)).toBeCloseTo(-0.6, 1)
  expect(world.truth.examination('home', 0)).toBe(1)
  expect(world.truth.examination('home', 3)).toBeCloseTo(0.435275, 6)
  expect(world.truth.examination('next', 1)).toBeCloseTo(0.535887, 6)
})

test('clickbait raises the click rate and lowers completion and survey answers', () => {
  const { clickbait } = world.truth.planted.items
  const sums = { bait: { shown: 0, clicks: 0, share: 0, surveys: 0, stars: 0 }, plain: { ...zero } }
  for (const { events } of slates) {
    for (const event of events) {
      const bait = clickbait[world.itemRow(event.item ?? '')]
      if (!(bait > 0.35 || bait < 0.12)) continue
      const sum = bait > 0.35 ? sums.bait : sums.plain
      if (event.kind === 'impression') sum.shown++
      if (event.kind === 'click') sum.clicks++
      if (event.kind === 'watch') sum.share += event.completion!
      if (event.kind === 'survey') {
        sum.surveys++
        sum.stars += event.value!
      }
    }
  }
  const { bait, plain } = sums
  expect(bait.clicks / bait.shown).toBeGreaterThan(1.15 * (plain.clicks / plain.shown))
  expect(bait.share / bait.clicks).toBeLessThan(0.85 * (plain.share / plain.clicks))
  expect(bait.stars / bait.surveys).toBeLessThan(plain.stars / plain.surveys - 0.3)
})

test('an episode is enjoyed only by those who watched the one before, a lesson even more so', () => {
  const { previous, lesson, all } = world.truth.planted.items
  const random = new Random('series')
  const live = world.live({ seed: 'series' })
  const sequels = [...Array(all).keys()].filter((row) => previous[row] >= 0 && previous[previous[row]] < 0)
  const mean = { ready: [0, 0], early: [0, 0], readyLesson: [0, 0], earlyLesson: [0, 0] }
  const show = (user: number, row: number, n: number) => {
    const items = [{ item: world.itemId(row), position: 0 }]
    const { events } = live.react(live.visit(user, 0), { slate: `o${n}`, surface: 'home', items }, 0)
    return events.find(({ kind }) => kind === 'watch')?.completion ?? 0
  }
  for (let n = 0; n < 60_000; n++) {
    const user = random.int(world.sizes.users)
    const row = random.pick(sequels)
    const before = random.chance(0.7) ? show(user, previous[row], n) : 0
    if (before > 0 && before < 0.3) continue // opened, but not watched: neither the one nor the other
    const share = show(user, row, n)
    if (share === 0) continue
    const sum = mean[`${before > 0 ? 'ready' : 'early'}${lesson[row] ? 'Lesson' : ''}`]
    sum[0]++
    sum[1] += share
  }
  const { ready, early, readyLesson, earlyLesson } = mean
  for (const [count] of Object.values(mean)) expect(count).toBeGreaterThan(100)
  expect(ready[1] / ready[0]).toBeGreaterThan(1.7 * (early[1] / early[0]))
  expect(readyLesson[1] / readyLesson[0]).toBeGreaterThan(2.5 * (earlyLesson[1] / earlyLesson[0]))
})

test('a taste resembles itself less and less: exp(-(DRIFT d)^2 / 2) after d days', () => {
  const { users } = world.sizes
  for (const days of [7, 28, 60]) {
    const now: number[] = []
    const then: number[] = []
    for (let user = 0; user < users; user++) {
      now.push(...centred(world.truth.tasteAt(user, world.end)))
      then.push(...centred(world.truth.tasteAt(user, world.end - days * DAY)))
    }
    expect(correlation(removeTopicMeans(now), removeTopicMeans(then))).toBeCloseTo(
      Math.exp(-((DRIFT * days) ** 2) / 2),
      1,
    )
  }
})

test('satisfaction and clicks are what the truth says they are, up to the mood of the session', () => {
  const random = new Random('single')
  const live = world.live({ seed: 'single' })
  let clicks = 0
  let expected = 0
  let glad = 0
  let expectedGlad = 0
  for (let n = 0; n < 12_000; n++) {
    const user = random.int(world.sizes.users)
    const item = random.int(world.sizes.items)
    const at = world.end + n
    const items = [{ item: world.itemId(item), position: 0 }]
    const reaction = live.react(live.visit(user, at), { slate: `s${n}`, surface: 'home', items }, at)
    expected += world.truth.clickProbability(user, item)
    clicks += reaction.clicks
    if (reaction.clicks === 0) continue
    glad += reaction.satisfaction
    expectedGlad += world.truth.satisfaction(user, item)
  }
  expect(clicks / expected).toBeGreaterThan(0.97)
  expect(clicks / expected).toBeLessThan(1.15)
  expect((glad - expectedGlad) / clicks).toBeGreaterThan(-0.02)
  expect((glad - expectedGlad) / clicks).toBeLessThan(0.08)
})

test('with order, what was watched last says what is wanted next, one way round', () => {
  const strength = 2
  const ordered = createWorld({ seed: 'order', users: 400, items: 600, days: 7, order: strength })
  const { items, order } = ordered.truth.planted
  const live = ordered.live({ seed: 'order' })
  const random = new Random('order')
  const show = (user: number, row: number, n: number) => {
    const shown = { slate: `t${n}`, surface: 'home', items: [{ item: ordered.itemId(row), position: 0 }] }
    return live.react(live.visit(user, 0), shown, 0).clicks
  }
  const latest: number[][] = Array.from({ length: ordered.sizes.users }, () => [])
  const counts = { ahead: [0, 0], behind: [0, 0], alike: [0, 0], again: [0, 0] }
  for (let n = 0; n < 40_000; n++) {
    const user = random.int(ordered.sizes.users)
    const row = random.int(ordered.sizes.items)
    const topic = items.topic[row] as number
    const [last, before] = latest[user] as number[]
    const clicks = show(user, row, n)
    if (last !== undefined && before !== undefined) {
      // After jazz comes chess, so after chess does not come jazz: the sign of one is that of the other turned round.
      const after = order.after[last * 16 + topic] as number
      if (n < 2000) expect(after).toBeCloseTo(-(order.after[topic * 16 + last] as number), 6)
      const name = topic === last ? (before === last ? 'again' : 'alike') : after > 0.9 ? 'ahead' : 'behind'
      if (topic === last || Math.abs(after) > 0.9) {
        counts[name][0]++
        counts[name][1] += clicks
      }
    }
    if (clicks > 0) latest[user] = [topic, last ?? 255]
  }
  for (const [shown] of Object.values(counts)) expect(shown).toBeGreaterThan(100)
  const odds = ([shown, clicks]: number[]) => clicks! / (shown! - clicks!)
  // Log odds are `strength` x 2 apart between viewers alike; over viewers that differ a little less.
  const apart = Math.log(odds(counts.ahead) / odds(counts.behind))
  expect(apart).toBeGreaterThan(1.4 * strength)
  expect(apart).toBeLessThan(2.1 * strength)
  expect(odds(counts.again)).toBeLessThan(0.5 * odds(counts.alike))
})

test('with order, the truth knows what each viewer watched last', () => {
  const ordered = createWorld({ seed: 'order', users: 400, items: 600, days: 7, order: 2 })
  const { items, order } = ordered.truth.planted
  const last = new Map<string, number>()
  for (const { kind, user, item } of ordered.history())
    if (kind === 'watch') last.set(user!, items.topic[ordered.itemRow(item!)]!)
  const random = new Random('after the history')
  const sums = { ahead: [0, 0], behind: [0, 0] }
  for (let seed = 0; seed < 60; seed++) {
    const live = ordered.live({ seed })
    for (const [id, topic] of last) {
      const user = ordered.userRow(id)
      const row = random.int(ordered.sizes.items)
      const after = order.after[topic * 16 + items.topic[row]!]!
      if (Math.abs(after) < 0.9) continue
      const shown = { slate: `${seed}`, surface: 'home', items: [{ item: ordered.itemId(row), position: 0 }] }
      const sum = sums[after > 0 ? 'ahead' : 'behind']
      sum[0] += live.react(live.visit(user, ordered.end), shown, ordered.end).clicks
      sum[1] += ordered.truth.clickProbability(user, row)
    }
  }
  for (const [clicks, expected] of Object.values(sums)) {
    expect(expected).toBeGreaterThan(150)
    expect(clicks! / expected!).toBeGreaterThan(0.85)
    expect(clicks! / expected!).toBeLessThan(1.15)
  }
})

test('the history has randomised slates, about one home slate in twenty, and every event is valid', () => {
  const home = new Set<string>()
  for (const event of world.history()) {
    if (event.surface === 'home' && event.kind === 'impression') home.add(event.slate ?? '')
    expect(parseEvent(event).ok).toBe(true)
  }
  const randomised = [...home].filter(drawnByLot).length
  expect(randomised / home.size).toBeGreaterThan(0.03)
  expect(randomised / home.size).toBeLessThan(0.07)
})

test('best items are those that gain most of all that are unwatched and lawful', () => {
  const { items, users } = world.truth.planted
  const watched = new Set<string>()
  for (const { kind, user, item, completion } of world.history())
    if (kind === 'watch' && completion! >= 0.3) watched.add(`${user} ${item}`)
  for (const user of [0, 99, 500]) {
    const may = (row: number) =>
      items.flag[row] !== 2 &&
      items.ageRating[row] <= users.age[user] &&
      items.expires[row] > world.end &&
      (items.onlyRegion[row] < 0 || items.onlyRegion[row] === users.region[user]) &&
      !watched.has(`${world.userId(user)} ${world.itemId(row)}`)
    const brute = [...Array(world.sizes.items).keys()]
      .filter(may)
      .sort((a, b) => world.truth.gain(user, b) - world.truth.gain(user, a) || a - b)
    expect([...world.truth.bestItems(user, 10).rows]).toEqual(brute.slice(0, 10))
  }
})

const zero = { shown: 0, clicks: 0, share: 0, surveys: 0, stars: 0 }

/** Logits up to the user's own constant: the mean over topics is taken out. */
function centred(taste: Float32Array): number[] {
  const logs = Array.from(taste, Math.log)
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length
  return logs.map((log) => log - mean)
}

function removeTopicMeans(values: number[]): number[] {
  const topics = 16
  const means = new Float64Array(topics)
  for (const [i, value] of values.entries()) means[i % topics] += value / (values.length / topics)
  return values.map((value, i) => value - means[i % topics])
}

function slope(x: readonly number[], y: readonly number[]): number {
  const mx = x.reduce((sum, v) => sum + v, 0) / x.length
  const my = y.reduce((sum, v) => sum + v, 0) / y.length
  const xy = x.reduce((sum, v, i) => sum + (v - mx) * (y[i] - my), 0)
  return xy / x.reduce((sum, v) => sum + (v - mx) ** 2, 0)
}

function correlation(x: readonly number[], y: readonly number[]): number {
  return Math.sign(slope(x, y)) * Math.sqrt(slope(x, y) * slope(y, x))
}
