import { setTimeout as wait } from 'node:timers/promises'
import { systemClock } from '../../foundation/base/index.ts'
import { remotePlatform } from '../remote.ts'

/** A server that is ready begins a training that is due within this time. */
const BEGINS_MS = 3000
/** Between two looks. */
const LOOK_MS = 500

/** Waits until a server that was just started has trained what it lacks: a training under way would take a core of the day's. */
export async function trained(url: string, tell: (line: string) => void, signal: AbortSignal): Promise<void> {
  const server = remotePlatform({ url })
  const ready = systemClock.ticks()
  let told: string | undefined
  while (!signal.aborted) {
    const { learning } = await server.status()
    const training = learning?.state === 'training'
    if (!learning || (!training && systemClock.ticks() - ready >= BEGINS_MS)) return
    const phase = training ? learning.progress?.phase : undefined
    if (phase !== undefined && phase !== told) tell(`Waiting for its models: ${phase}`)
    told = phase ?? told
    await wait(LOOK_MS, undefined, { signal }).catch(() => undefined) // stopped: the loop ends
  }
}
