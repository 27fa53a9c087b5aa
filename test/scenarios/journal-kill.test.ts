import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/foundation/base/index.ts'
import { openEventLog } from '../../src/stream/events/index.ts'

/**
 * A process writes and tells on standard output up to which seq it has acknowledged; it is killed at a random moment.
 * Whatever it told must be there, in order and unharmed. Every third process also erases a user all the while.
 */
const ROUNDS = 10
const SEGMENT_BYTES = 65_536
const VICTIM_EVERY = 7

const writer = `
import fs from 'node:fs'
import { openEventLog } from './src/stream/events/index.ts'
const [folder, erases] = process.argv.slice(2)
const log = await openEventLog(folder, { segmentBytes: ${SEGMENT_BYTES}, pendingMax: 100_000 })
async function write(writer) {
  for (let round = 0; ; round++) {
    const first = log.next
    const size = 1 + ((round * 31 + writer * 17) % 40)
    const batch = Array.from({ length: size }, (_, i) => ({
      type: 'event',
      event: { id: 'e' + (first + i), kind: 'click', user: (first + i) % ${VICTIM_EVERY} === 0 ? 'victim' : 'u' + i, item: 'i', at: 1, receivedAt: 2 },
    }))
    log.appendAll(batch)
    await log.flushed()
    fs.writeSync(1, first + ' ' + (first + size - 1) + '\\n')
  }
}
for (let writer = 0; writer < 4; writer++) write(writer)
if (erases === 'yes') for (;;) await log.erase('victim')
`

const root = fs.mkdtempSync(join(tmpdir(), 'sluice-kill-'))
const script = join(root, 'writer.mjs')
beforeAll(async () => {
  await build({
    stdin: { contents: writer, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile: script,
    absWorkingDir: process.cwd(),
    nodePaths: [join(process.cwd(), 'node_modules')],
  })
  fs.symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'))
})
afterAll(() => fs.rmSync(root, { recursive: true }))

/** Runs the writer, kills it so long after its first acknowledgement, and gives the ranges it acknowledged. */
async function writeAndDie(folder: string, erases: boolean, afterMs: number): Promise<[number, number][]> {
  const child = spawn(process.execPath, [script, folder, erases ? 'yes' : 'no'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const told: [number, number][] = []
  const started = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [first, last] = line.split(' ').map(Number)
      if (Number.isInteger(last)) told.push([first as number, last as number])
      resolve()
    })
    child.on('exit', (code) => reject(new Error(`the writer ended by itself: ${code}`)))
  })
  const ended = new Promise((resolve) => child.on('close', resolve))
  await started
  await sleep(afterMs)
  child.kill('SIGKILL')
  await ended
  return told
}

describe('kill -9 while writing', () => {
  it('loses nothing that was acknowledged, and opens again', async () => {
    const random = new Random('journal-kill')
    const folder = join(root, 'journal')
    let acknowledged = 0
    for (let round = 0; round < ROUNDS; round++) {
      const told = await writeAndDie(folder, round % 3 === 2, random.between(0, 120))
      const log = await openEventLog(folder, { segmentBytes: SEGMENT_BYTES, pendingMax: 1000 })
      const there = new Set<number>()
      let before = -1
      for (const entry of log.replay()) {
        expect(entry.seq).toBeGreaterThan(before)
        before = entry.seq
        if (entry.type === 'event') expect(entry.event.id).toBe(`e${entry.seq}`)
        there.add(entry.seq)
      }
      for (const [first, last] of told) {
        for (let seq = first; seq <= last; seq++) {
          if (!there.has(seq) && seq % VICTIM_EVERY !== 0)
            throw new Error(`round ${round}: ${seq} was acknowledged and is lost`)
          acknowledged++
        }
      }
      expect(log.next).toBeGreaterThan(Math.max(...told.map(([, last]) => last)))
      await log.close()
    }
    expect(acknowledged).toBeGreaterThan(ROUNDS * 10)
  })
})
