import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Writable } from 'node:stream'
import { createEngine, type Engine, faults, indexedSources } from '../../../app/index.ts'
import { completeConfig, type Config, type ConfigInput } from '../../../domain/index.ts'
import { systemClock } from '../../../foundation/base/index.ts'
import { createLog, createMetrics, minuteOf, parseSamples } from '../../../foundation/telemetry/index.ts'
import { createServer, type Server } from '../../../server/index.ts'
import { drive } from '../../gameday/drive.ts'
import { worldTraffic } from '../../load/world-traffic.ts'
import { runProgram } from '../../program.ts'
import { realRooms } from '../../real-rooms.ts'
import { remotePlatform } from '../../remote.ts'
import { announceServer } from '../../running.ts'
import { fakeTerminal } from '../../testing/terminal.ts'
import { type Diagnosis, diagnose } from '../diagnose.ts'

const world = { users: 120, items: 250, days: 10, events: 8000 } as const

/** Time enough on a busy machine: what is told is of the fault. */
export function calm(budgets: Partial<typeof stages> = {}): ConfigInput {
  const surface = { budgetMs: stages.budgetMs }
  return {
    budgets: { profile: 'calm', profiles: { calm: { ...stages, ...budgets, retrieve: 300, rank: 60 } } },
    surfaces: { home: surface, next: surface, search: surface },
    ladder: { waitTargetMs: 200 },
    learning: { train: false },
  }
}

const stages = {
  ...{ budgetMs: 1000, retrievalMs: 100, coarseMs: 100, featuresMs: 100, fineMs: 100, rerankMs: 200, marginMs: 50 },
}

/** A server of its own on a simulated platform, its users asking and telling, and an engineer who looks at it. */
export class RealPlatform {
  /** With a space in it: what is printed is pasted. */
  readonly data = mkdtempSync(join(tmpdir(), 'sluice triage-'))
  url = ''
  private engine: Engine | undefined
  private server: Server | undefined
  private withdraw = () => {}
  private runs = 0

  async start(input: ConfigInput): Promise<void> {
    const config = completeConfig(input)
    const metrics = createMetrics({ process: false })
    const log = createLog('error', new Writable({ write: (_chunk, _encoding, done) => done() }))
    const { data } = this
    const { workers } = config.server
    this.engine = createEngine({ data, config, metrics, log, faults: 'on', world, workers })
    const serving: Config['server'] = { ...config.server, port: 0 }
    this.server = await createServer({ engine: this.engine, config: serving, log, metrics })
    this.url = (await this.server.listen()).url
    await this.engine.open()
    this.withdraw = announceServer(data, { pid: process.pid, url: this.url })
  }

  async stop(): Promise<void> {
    this.withdraw()
    await this.server?.close()
    await this.engine?.close()
  }

  remove(): void {
    rmSync(this.data, { recursive: true, force: true })
  }

  get running(): Engine {
    if (!this.engine) throw new Error('start it first')
    return this.engine
  }

  /** Its users ask, watch and tell for so long; `crowd`: so many more ask at the same moment. */
  async visited(seconds: number, crowd = 0): Promise<void> {
    const sizes = this.running.status().world
    if (!sizes) throw new Error('it holds no simulated platform')
    const { start: _, ...known } = sizes
    const traffic = worldTraffic(known, 'triage', `run ${this.runs++}`)
    const mix = { home: 4, next: 2, search: 1 }
    const { url } = this
    const load = { url, traffic, mix, rate: 40, eventsRate: 100, clock: systemClock }
    const asked = Array.from({ length: crowd }, () => this.running.slate({ surface: 'home' }))
    await Promise.all([drive(load, seconds, new AbortController().signal), ...asked])
  }

  /**
   * What triage says after a look of so long, while its users go on. `unknown`: as if nobody had noted that a failure was
   * injected: the part fails by itself.
   */
  async look(seconds: number, { unknown = false, crowd = 0 } = {}): Promise<Diagnosis> {
    const server = remotePlatform({ url: this.url, key: undefined })
    const before = parseSamples(await server.metrics())
    const began = systemClock.ticks()
    await this.visited(seconds, crowd)
    const [text, status, seen] = await Promise.all([server.metrics(), server.status(), server.observations()])
    const at = systemClock.now()
    const now = minuteOf(at, parseSamples(text), before, (systemClock.ticks() - began) / 1000)
    const changes = seen.changes.filter(({ kind }) => !unknown || kind !== 'fault')
    const place = { url: this.url, data: this.data }
    return diagnose({ at, status, observations: { ...seen, changes }, now, place, faults, indexed: indexedSources })
  }

  /** Resolves when slates are whole again. @throws when they are not within seconds */
  async recovered(): Promise<void> {
    for (let tries = 0; tries < 150; tries++) {
      const asked = ['home', 'next', 'search'].map((surface) => ({
        surface,
        user: 'u00003',
        item: 'v00003',
        query: 'jazz',
      }))
      const made = await Promise.all(asked.map((request) => this.running.slate(request)))
      if (made.every(({ rung }) => rung === 'full')) return
      await delay(50)
    }
    throw new Error('slates are not whole again')
  }

  /** Runs a line as a shell would, and gives what it printed. @throws when it does not end well */
  async paste(step: string): Promise<string> {
    if (!step.startsWith('sluice ')) throw new Error(`not a command of this program: ${step}`)
    const words = execFileSync('sh', ['-c', `printf '%s\\n' ${step.replace(/^sluice /, '')}`], { encoding: 'utf8' })
    const { code, out, err } = await this.command(words.trimEnd().split('\n'))
    if (code !== 0) throw new Error(`${step} ended with ${code}: ${err}`)
    return out
  }

  /** Runs a command line of the program. */
  async command(words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
    const terminal = fakeTerminal(this.data)
    const code = await runProgram(words, { terminal, exitCode: 0, rooms: realRooms })
    return { code, ...terminal.printed }
  }
}
