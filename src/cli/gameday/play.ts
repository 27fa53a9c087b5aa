import type { Injection } from '../../app/index.ts'
import { minuteOf, parseSamples, type Samples } from '../../foundation/telemetry/index.ts'
import type { HttpClient } from '../http-client.ts'
import { drive, type Driving } from './drive.ts'
import type { Panel, Verdict } from './panel.ts'
import { type Scene, stopsEvents } from './scenes.ts'
import { shareOf, type WorthShare } from '../../world/index.ts'

export interface PlayOptions extends Driving {
  readonly panel: Panel
  readonly client: HttpClient
  /** Length of a scene. */
  readonly seconds: number
  readonly signal: AbortSignal
}

/** One line of the game day. */
export interface SceneReport {
  readonly name: string
  readonly faults: readonly string[]
  /** Slates asked for, per second. */
  readonly rate: number
  readonly slates: number
  readonly events: number
  /** Slates and event requests that failed otherwise than designed, by code. */
  readonly errors: Readonly<Record<string, number>>
  /** Event requests answered 503 because the event log was stopped on purpose. */
  readonly eventsHeldBack: number
  readonly p50: number
  readonly p99: number
  /** Share of the slates by rung. */
  readonly rungs: Readonly<Record<string, number>>
  readonly quality: Omit<Verdict, 'worths'>
  /** Against whole slates of the same users a moment before: the platform learns from the load while the day goes on. */
  readonly share: { readonly ndcg: WorthShare; readonly value: WorthShare }
  /** Seconds from the end of the fault to the usual rungs; null when it did not come back in time. */
  readonly recoverySeconds: number | null
  /** Share of the time in which the server had work that it waited for a core; missing where it does not say. */
  readonly processorWait?: number
}

/** Longest wait for a recovery, in seconds. */
export const RECOVERY_MAX = 20
/** Slates in a row on a usual rung that make a recovery. */
const STEADY = 10
/** Time in which the panel is asked before a scene, without load. */
const BEFORE_SECONDS = 2
/** Between two looks while it recovers. */
const LOOK_MS = 100

/** Plays one scene under load: injects, drives, judges, ends it, and waits for the recovery while the load goes on. */
export async function play(
  scene: Scene,
  injections: readonly Injection[],
  usual: ReadonlySet<string>,
  options: PlayOptions,
): Promise<SceneReport> {
  const { client, panel, seconds, signal, clock } = options
  const before = await panel.judge(BEFORE_SECONDS, signal)
  await inject(client, injections)
  await scene.outside?.begin()
  const earlier = await measured(client)
  const [load, { worths, ...quality }] = await Promise.all([
    drive(options, seconds, signal),
    panel.judge(seconds * 0.95, signal),
  ])
  const later = await measured(client)
  await scene.outside?.end()
  const ended = clock.ticks()
  await inject(client, [])
  const broken = injections.length > 0 || scene.outside !== undefined
  const recoverySeconds = !broken ? 0 : await recover(usual, ended, options)
  const errors = { ...load.slates.errors }
  const byDesign = stopsEvents(scene.faults) ? (load.events.errors['ERR_DISK_WRITE'] ?? 0) : 0
  for (const [code, count] of Object.entries(load.events.errors)) {
    const real = code === 'ERR_DISK_WRITE' ? count - byDesign : count
    if (real > 0) errors[code] = (errors[code] ?? 0) + real
  }
  if (quality.failed > 0) errors['panel'] = quality.failed
  const { p50, p99 } = load.slates.latencyMs
  return {
    name: scene.name,
    faults: scene.faults,
    rate: options.rate,
    slates: load.slates.sent,
    events: load.events.accepted,
    errors,
    eventsHeldBack: byDesign,
    p50,
    p99,
    rungs: load.slates.rungs,
    quality,
    share: { ndcg: shareOf('ndcg', worths, before.worths), value: shareOf('value', worths, before.worths) },
    recoverySeconds,
    ...waitBetween(earlier, later),
  }
}

/** What the server measures; undefined where it does not tell. */
async function measured(client: HttpClient): Promise<Samples | undefined> {
  const { text, code } = await client.send('GET', '/metrics')
  return code === undefined ? parseSamples(text) : undefined
}

function waitBetween(before: Samples | undefined, now: Samples | undefined): Pick<SceneReport, 'processorWait'> {
  const wait = before && now && minuteOf(0, now, before).processorWait
  return wait === undefined ? {} : { processorWait: wait }
}

/** Replaces the injected faults. @throws Error with the server's sentence when it does not allow it */
async function inject(client: HttpClient, faults: readonly Injection[]): Promise<void> {
  const { text, code } = await client.send('PUT', '/v1/faults', { faults })
  if (code === undefined) return
  const said = /"message":"([^"]+)"/.exec(text)?.[1]
  throw new Error(said ?? `The server answered ${code} when faults were injected`)
}

/** Seconds until so many slates in a row stand on a usual rung, under the load as before; null when that takes too long. */
async function recover(usual: ReadonlySet<string>, ended: number, options: PlayOptions): Promise<number | null> {
  const { clock, panel, signal } = options
  const stop = new AbortController()
  const quit = () => stop.abort()
  signal.addEventListener('abort', quit, { once: true })
  const load = drive(options, RECOVERY_MAX, stop.signal)
  let steady = 0
  let since = 0
  try {
    for (let turn = 0; clock.ticks() - ended < RECOVERY_MAX * 1000 && !stop.signal.aborted; turn++) {
      const at = clock.ticks()
      const rung = await panel.rung(turn)
      if (rung === undefined || !usual.has(rung)) steady = 0
      else if (steady++ === 0) since = at
      if (steady >= STEADY) return Math.max(0, since - ended) / 1000
      await new Promise((done) => setTimeout(done, LOOK_MS))
    }
    return null
  } finally {
    signal.removeEventListener('abort', quit)
    stop.abort()
    await load
  }
}
