import { setTimeout as wait } from 'node:timers/promises'
import type { BenchServer } from './server.ts'

const LOOK_MS = 2000
/** Share of a core that a server may take while nobody asks. */
const IDLE = 0.1
const LONGEST_MS = 120_000

/**
 * Waits until a server that nobody asks is idle: after its start it learns the linear model, warms sessions and reads the
 * journal for damage, which is no part of what a slate costs. Gives the seconds that it took.
 */
export async function settled(server: BenchServer): Promise<number> {
  const began = performance.now()
  await server.sample()
  for (let from = began; performance.now() - began < LONGEST_MS; ) {
    await wait(LOOK_MS)
    const { cpuMs } = await server.sample()
    const now = performance.now()
    if (cpuMs < IDLE * (now - from)) break
    from = now
  }
  return (performance.now() - began) / 1000
}
