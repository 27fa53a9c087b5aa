// How fast events get onto the disk and back. Prints a table and writes bench/out/ingest.json.
// Everything is measured in one run, in rounds that take turns with the baseline (JSON lines, appendFileSync +
// fdatasync per batch), because disks differ from hour to hour. Medians of the rounds.
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { build } from 'hdr-histogram-js'
import type { Event } from '../src/domain/index.ts'
import { openFileJournal } from '../src/foundation/store/index.ts'
import { Dedupe, decodeEntry, encodeEntry, type Entry, openEventLog } from '../src/stream/events/index.ts'

const ROUNDS = 5
const SEGMENT_BYTES = 64 * 1024 * 1024
const RECORDS = 1_000_000
const root = fs.mkdtempSync(join(process.env['BENCH_DATA'] ?? tmpdir(), 'sluice-bench-'))
let folders = 0
const folder = () => join(root, String(folders++))
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number
const round = (value: number, digits = 0) => Number(value.toFixed(digits))

function eventOf(n: number): Event {
  const user = `user-${(n * 7919) % 20_000}`
  const at = 1_760_000_000_000 + n * 13
  const base = {
    id: `e-${n.toString(36)}-${(n * 31) % 997}`,
    user,
    item: `item-${(n * 104_729) % 100_000}`,
    at,
    receivedAt: at + 40,
  }
  if (n % 3 === 0)
    return { ...base, kind: 'watch', value: (n * 17) % 600, completion: ((n * 7) % 100) / 100, surface: 'home' }
  if (n % 3 === 1) return { ...base, kind: 'impression', surface: 'home', slate: `s-${n >> 4}`, position: n % 20 }
  return { ...base, kind: 'click', session: `session-${n % 5000}`, device: 'phone', country: 'DE' }
}
// As they come from a request: parsed from JSON, then copied by the acceptor.
const entries = Array.from({ length: 50_000 }, (_, n): Entry => {
  const event = JSON.parse(JSON.stringify(eventOf(n))) as Event
  return { type: 'event', event: { ...event, at: event.at, receivedAt: event.receivedAt } }
})

/** Events per second, durable, one batch after the other. */
async function appends(batch: number, total: number): Promise<number> {
  const log = await openEventLog(folder(), { segmentBytes: SEGMENT_BYTES, pendingMax: 1_000_000 })
  const start = performance.now()
  for (let n = 0; n < total; n += batch) {
    log.appendAll(batchOf(n, batch))
    await log.flushed()
  }
  const seconds = (performance.now() - start) / 1000
  await log.close()
  return total / seconds
}

function baseline(batch: number, total: number): number {
  fs.mkdirSync(root, { recursive: true })
  const fd = fs.openSync(folder(), 'a')
  const start = performance.now()
  for (let n = 0; n < total; n += batch) {
    fs.appendFileSync(
      fd,
      `${batchOf(n, batch)
        .map((entry) => JSON.stringify(entry))
        .join('\n')}\n`,
    )
    fs.fdatasyncSync(fd)
  }
  const seconds = (performance.now() - start) / 1000
  fs.closeSync(fd)
  return total / seconds
}

function batchOf(from: number, size: number): Entry[] {
  const start = from % (entries.length - size + 1)
  return entries.slice(start, start + size)
}

/** Open loop: each event has its due moment, and its wait counts from there. Milliseconds from due to durable. */
async function acknowledge(perSecond: number, seconds: number) {
  const log = await openEventLog(folder(), { segmentBytes: SEGMENT_BYTES, pendingMax: 1_000_000 })
  const waits = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000_000,
    numberOfSignificantValueDigits: 3,
  })
  const total = perSecond * seconds
  const answers: Promise<void>[] = []
  const start = performance.now() + 5
  for (let n = 0; n < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * perSecond))
    for (; n < due; n++) {
      const dueAt = start + (n / perSecond) * 1000
      log.append(entries[n % entries.length] as Entry)
      answers.push(
        log.flushed().then(() => waits.recordValue(Math.max(1, Math.round((performance.now() - dueAt) * 1000)))),
      )
    }
    await new Promise(setImmediate)
  }
  await Promise.all(answers)
  await log.close()
  const at = (percentile: number) => round(waits.getValueAtPercentile(percentile) / 1000, 2)
  return { p50: at(50), p99: at(99), p999: at(99.9), max: round(waits.maxValue / 1000, 2) }
}

async function reading() {
  const where = folder()
  const log = await openEventLog(where, { segmentBytes: SEGMENT_BYTES, pendingMax: 10_000_000 })
  for (let n = 0; n < RECORDS; n += 10_000) {
    log.appendAll(batchOf(n, 10_000))
    await log.flushed()
  }
  const bytes = log.bytes
  await log.close()
  const recovery: number[] = []
  const raw: number[] = []
  const decoded: number[] = []
  const whole: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    let start = performance.now()
    const journal = await openFileJournal(where, { segmentBytes: SEGMENT_BYTES })
    recovery.push(performance.now() - start)
    start = performance.now()
    let count = 0
    for (const { payload } of journal.read()) count += payload.length > 0 ? 1 : 0
    raw.push(count / ((performance.now() - start) / 1000))
    await journal.close()
    const again = await openEventLog(where, { segmentBytes: SEGMENT_BYTES, pendingMax: 1000 })
    start = performance.now()
    count = 0
    for (const entry of again.replay()) count += entry.type === 'event' ? 1 : 0
    decoded.push(count / ((performance.now() - start) / 1000))
    start = performance.now()
    const ids = new Dedupe(2_000_000)
    for (const entry of again.replay()) if (entry.type === 'event') ids.add(entry.event.id)
    whole.push(performance.now() - start)
    await again.close()
  }
  return {
    bytesPerEvent: round(bytes / RECORDS, 1),
    openMs: round(median(recovery), 1),
    readPerSecond: round(median(raw)),
    replayPerSecond: round(median(decoded)),
    recoveryMs: round(median(recovery) + median(whole), 0),
  }
}

function codec() {
  const payloads = entries.map(encodeEntry)
  const lines = entries.map((entry) => Buffer.from(JSON.stringify(entry)))
  const each = (work: (n: number) => unknown): number => {
    const rounds: number[] = []
    for (let i = 0; i < ROUNDS + 2; i++) {
      const start = performance.now()
      for (let n = 0; n < entries.length; n++) work(n)
      if (i >= 2) rounds.push(((performance.now() - start) / entries.length) * 1e6)
    }
    return round(median(rounds))
  }
  const sum = (buffers: readonly Buffer[]) => buffers.reduce((total, buffer) => total + buffer.length, 0)
  return {
    encodeNs: each((n) => encodeEntry(entries[n] as Entry)),
    decodeNs: each((n) => decodeEntry(payloads[n] as Buffer)),
    jsonEncodeNs: each((n) => Buffer.from(JSON.stringify(entries[n]))),
    jsonDecodeNs: each((n) => JSON.parse((lines[n] as Buffer).toString())),
    bytes: round(sum(payloads) / entries.length, 1),
    jsonBytes: round(sum(lines) / entries.length, 1),
  }
}

const result = {
  node: process.version,
  codec: codec(),
  durable: {} as Record<string, object>,
  ack: {} as Record<string, object>,
  read: {},
}
for (const [batch, total] of [
  [1, 2_000],
  [100, 100_000],
  [1000, 400_000],
  [5000, 800_000],
] as const) {
  const ours: number[] = []
  const theirs: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    ours.push(await appends(batch, total))
    theirs.push(baseline(batch, total))
  }
  result.durable[`batch ${batch}`] = {
    perSecond: round(median(ours)),
    baselinePerSecond: round(median(theirs)),
    ratio: round(median(ours) / median(theirs), 2),
  }
}
await acknowledge(2_000, 1)
for (const rate of [2_000, 20_000]) result.ack[`${rate}/s`] = await acknowledge(rate, 5)
result.read = await reading()
fs.rmSync(root, { recursive: true })

const table = new Table({ head: ['measure', 'of', 'value'] })
for (const [name, part] of Object.entries(result)) {
  if (typeof part !== 'object') continue
  for (const [key, value] of Object.entries(part)) {
    if (typeof value === 'object')
      for (const [inner, number] of Object.entries(value)) table.push([name, `${key} ${inner}`, String(number)])
    else table.push([name, key, String(value)])
  }
}
console.log(table.toString())
fs.mkdirSync('bench/out', { recursive: true })
fs.writeFileSync('bench/out/ingest.json', `${JSON.stringify(result, null, 2)}\n`)
