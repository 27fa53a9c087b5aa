/**
 * What a search costs the processor in a catalogue of a million items, by kind of query, beside the same scores worked out for
 * every posting of every word; the answers of both must be equal. And what a change of an item costs. Run:
 *
 *     npm run bench bench/search.ts
 *
 * ITEMS and QUERIES set the size. A minute at a million. Writes bench/out/search.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import Table from 'cli-table3'
import { Lists, Random, TopK, bytesOf } from '../src/foundation/base/index.ts'
import { type Item, Kinds } from '../src/domain/index.ts'
import { State } from '../src/stream/catalog/index.ts'
import { LexicalIndex, stemOf, wordsOf } from '../src/serving/search/index.ts'
import { machineLine } from './spine/machine.ts'

const ITEMS = Number(process.env['ITEMS'] ?? 1_000_000)
const QUERIES = Number(process.env['QUERIES'] ?? 100)
const LIMIT = 300
const CHANGES = 20_000
const WORDS = 50_000
const TOPICS = 40
/** BM25 of the index: k1, b, and the boosts of the fields used here. */
const K1 = 1.2
const B = 0.75
const BOOSTS = { title: 4, categories: 2, description: 1 } as const

const random = new Random('search')
/** A word of about 1 / (rank + 20): none stands in most items. */
const word = () => `w${Math.min(WORDS - 1, Math.floor(20 * ((WORDS + 20) / 20) ** random.next()) - 20)}x`
const topic = () => `topic${random.int(TOPICS)}`
const words = (count: number) => Array.from({ length: count }, word).join(' ')

function itemOf(i: number): Item {
  const about = topic()
  return {
    id: `item-${i}`,
    title: `${words(3)} ${random.chance(0.5) ? about : ''}`,
    description: `${words(10 + random.int(20))} ${about}`,
    categories: [about, topic()],
  }
}

/** Every posting of every word is scored, as the index did before. */
class Exhaustive {
  private readonly postings = new Lists() // by term: document, frequency, document, ...
  private readonly terms = new Map<string, number>()
  private readonly lengths = new Float32Array(ITEMS)
  private readonly scores = new Float64Array(ITEMS)
  private readonly touched = new Uint32Array(ITEMS)
  private total = 0
  private reached = 0
  private scored = 0

  put(document: number, item: Item): void {
    const counts = new Map<number, number>()
    for (const field of Object.keys(BOOSTS) as (keyof typeof BOOSTS)[]) {
      const value = item[field] ?? ''
      for (const word of wordsOf(typeof value === 'string' ? value : value.join(' '))) {
        const stem = stemOf(word)
        const term = this.terms.get(stem) ?? this.terms.size
        this.terms.set(stem, term)
        counts.set(term, (counts.get(term) ?? 0) + BOOSTS[field])
        this.lengths[document] += BOOSTS[field]
      }
    }
    for (const [term, count] of counts) {
      this.postings.push(term, document)
      this.postings.push(term, count)
    }
    this.total += this.lengths[document]
  }

  /** `typing`: a word being typed at the end counts as every word that it may become, which are fewer than 24 here. */
  search(text: string, typing: boolean): { rows: Uint32Array; scores: Float32Array; postings: number } {
    const all = wordsOf(text).map(stemOf)
    this.reached = 0
    this.scored = 0
    for (const word of new Set(all)) this.add([this.terms.get(word) ?? -1], all.filter((one) => one === word).length)
    if (typing) {
      const last = all.at(-1) ?? ''
      const longer = [...this.terms].filter(([word]) => word !== last && word.startsWith(last)).map(([, term]) => term)
      this.add(
        longer.sort((a, b) => this.postings.length(b) - this.postings.length(a)),
        0.4,
      )
    }
    const top = new TopK(LIMIT)
    for (let i = 0; i < this.reached; i++) {
      top.offer(this.touched[i], this.scores[this.touched[i]])
      this.scores[this.touched[i]] = 0
    }
    return { ...top.take(), postings: this.scored }
  }

  private add(terms: readonly number[], weight: number): void {
    const { scores, touched, lengths } = this
    const views = terms.map((term) => this.postings.view(term))
    const held = Math.min(
      ITEMS,
      views.reduce((sum, { length }) => sum + length / 2, 0),
    )
    const idf = weight * Math.log(1 + (ITEMS - held + 0.5) / (held + 0.5))
    const slope = (K1 * B) / (this.total / ITEMS)
    for (const view of views) {
      this.scored += view.length / 2
      for (let i = 0; i < view.length; i += 2) {
        const document = view[i]
        if (scores[document] === 0) touched[this.reached++] = document
        scores[document] += (idf * view[i + 1]) / (view[i + 1] + K1 * (1 - B) + slope * lengths[document])
      }
    }
  }
}

const cpu = () => {
  const { user, system } = process.cpuUsage()
  return user + system
}

const state = new State(new Kinds())
const index = state.add(new LexicalIndex(state.items))
const exhaustive = new Exhaustive()
let folding = 0
for (let i = 0; i < ITEMS; i += 10_000) {
  const items = Array.from({ length: Math.min(10_000, ITEMS - i) }, (_, j) => itemOf(i + j))
  items.forEach((item, j) => {
    exhaustive.put(i + j, item)
  })
  const before = cpu()
  for (const item of items) state.apply({ type: 'item', item, at: 0 })
  folding += cpu() - before
}

const wordOf = (least: number, most: number) => `w${least + random.int(most - least)}x`
/** The words of one title: so that some item has them all. */
const title = () =>
  wordsOf((state.items.document(random.int(ITEMS)) as Item).title ?? '').filter((word) => word.startsWith('w'))
const common = () => wordOf(0, 20)
const kinds: readonly { readonly kind: string; readonly text: () => string; readonly typing?: boolean }[] = [
  { kind: 'a topic', text: topic },
  { kind: 'a common word', text: common },
  { kind: 'a rare word', text: () => wordOf(2000, 20_000) },
  { kind: 'two topics', text: () => `${topic()} ${topic()}` },
  { kind: 'a topic and a rare word', text: () => `${topic()} ${wordOf(2000, 20_000)}` },
  { kind: 'two words of a title', text: () => title().slice(0, 2).join(' ') },
  { kind: 'a title, three words', text: () => title().join(' ') },
  { kind: 'three common words', text: () => `${common()} ${common()} ${common()}` },
  { kind: 'a word being typed', text: () => wordOf(1000, 5000).slice(0, -1), typing: true },
  { kind: 'a topic, a word being typed', text: () => `${topic()} ${wordOf(1000, 5000).slice(0, -1)}`, typing: true },
]

const table = new Table({ head: ['query', 'postings', 'all scored, CPU µs', 'CPU µs', 'worst µs', 'ratio'] })
const rows = kinds.map(({ kind, text, typing = false }) => {
  const texts = Array.from({ length: QUERIES }, text)
  const search = (one: string) => index.search(typing ? one : `${one}.`, LIMIT) // a full stop: the last word is whole
  let postings = 0
  for (const one of texts) {
    const expected = exhaustive.search(one, typing)
    const found = search(one)
    postings += expected.postings / texts.length
    if (!same(found.rows, expected.rows) || !same(found.scores, expected.scores))
      throw new Error(`The answers to "${one}" differ`)
  }
  const before = cpu()
  for (const one of texts) exhaustive.search(one, typing)
  const all = (cpu() - before) / texts.length
  const times = texts.map((one) => {
    const begin = cpu()
    search(one)
    return cpu() - begin
  })
  const ours = times.reduce((sum, time) => sum + time, 0) / texts.length
  const worst = Math.max(...times)
  table.push([kind, Math.round(postings), all.toFixed(0), ours.toFixed(0), worst.toFixed(0), (all / ours).toFixed(1)])
  return { kind, postings, exhaustive: all, ours, worst }
})

const changing = cpu()
for (let i = 0; i < CHANGES; i++) state.apply({ type: 'item', item: { ...itemOf(0), id: `item-${i}` }, at: 1 })
const change = (cpu() - changing) / CHANGES
console.log(table.toString())
const put = folding / ITEMS
console.log(
  `an item put: ${put.toFixed(1)} µs, changed: ${change.toFixed(1)} µs, its document and facts included; ` +
    `${Math.round(bytesOf(index) / ITEMS)} bytes an item; ${ITEMS} items, limit ${LIMIT}`,
)
console.log(machineLine())
mkdirSync('bench/out', { recursive: true })
writeFileSync(
  'bench/out/search.json',
  JSON.stringify({ items: ITEMS, rows, put, change, bytes: bytesOf(index) }, null, 2),
)

function same(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, i) => value === b[i])
}
