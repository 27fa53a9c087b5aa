import type { Injection } from '../../app/index.ts'
import { systemClock } from '../../foundation/base/index.ts'
import { createWorld } from '../../world/index.ts'
import { Misuse } from '../failure.ts'
import { count } from '../figures.ts'
import { HttpClient } from '../http-client.ts'
import type { Mix } from '../load/mix.ts'
import { worldTraffic } from '../load/world-traffic.ts'
import { remotePlatform } from '../remote.ts'
import { FIRST_RATE, fullLoad } from './full-load.ts'
import { Panel } from './panel.ts'
import { play, type SceneReport } from './play.ts'
import { endsWorkers, type Scene } from './scenes.ts'

/** What is the same for all scenes of a day. */
export interface Day {
  readonly key?: string
  readonly surfaceMix: Mix
  /** Slates per second; without one, the most that the server bears while nothing is broken. */
  readonly rate?: number
  readonly events: number
  /** Length of each scene. */
  readonly seconds: number
  readonly signal: AbortSignal
  readonly tell: (line: string) => void
}

/**
 * Plays scenes on one server, a healthy one before them; `injections` are the scenes' faults, parsed.
 * @throws Misuse when the server holds no simulated platform
 */
export async function playAll(
  day: Day & { readonly url: string },
  scenes: readonly Scene[],
  injections: readonly (readonly Injection[])[],
  healthyAs = 'healthy',
): Promise<SceneReport[]> {
  const { url, key, surfaceMix, events, seconds, signal, tell } = day
  const client = new HttpClient({ url, key, connections: 4 })
  try {
    const { world: sizes, workers } = await remotePlatform({ url, key }).status()
    if (!sizes) throw new Misuse(`Nothing at ${url} to judge slates by: it was not filled with a simulated platform`)
    const { start: _, ...known } = sizes
    const calm = {
      ...{ url, key, client, mix: surfaceMix, eventsRate: events, seconds, signal, clock: systemClock },
      ...{ rate: day.rate ?? FIRST_RATE, panel: new Panel(createWorld(known), client, systemClock) },
      traffic: worldTraffic(known, 'gameday', systemClock.now().toString(36)),
    }
    await play({ name: 'warm-up', faults: [] }, [], new Set(), calm)
    const rate = day.rate ?? (await fullLoad(calm, tell))
    const playing = { ...calm, rate }
    tell(`${count(scenes.length)} scenes of ${seconds} s at ${url}: ${rate} slates/s, ${events} events/s`)
    const healthy = await play({ name: healthyAs, faults: [] }, [], new Set(), playing)
    const usual = new Set(Object.keys(healthy.rungs))
    const reports = [healthy]
    for (const [i, scene] of scenes.entries()) {
      if (signal.aborted) break
      if (!workers && endsWorkers(scene.faults)) {
        tell(
          `${i + 1}/${scenes.length} ${scene.name} is skipped: this server makes slates without workers (server.workers: 0)`,
        )
        continue
      }
      tell(`${i + 1}/${scenes.length} ${scene.name}`)
      reports.push(await play(scene, injections[i] ?? [], usual, playing))
    }
    return reports
  } finally {
    await client.close()
  }
}
