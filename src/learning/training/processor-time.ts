/** Runs that meet code while it is being compiled: they do not count. */
const WARM_UP = 20
/** A neighbour on the same core only ever adds time: of so many rounds, the least says most of the work itself. */
const ROUNDS = 3

/**
 * 99th percentile of the processor time of a piece of work in milliseconds, the least of three rounds of so many runs.
 * Not of the wall clock: a model must not be refused because its training had to wait for a server on the same machine.
 */
export async function processorP99(
  runs: number,
  work: (run: number) => Promise<unknown>,
  cpuMs: () => number = processorMs,
): Promise<number> {
  for (let run = 0; run < Math.min(WARM_UP, runs); run++) await work(run)
  let least = Number.NaN
  for (let round = 0; round < ROUNDS && runs > 0; round++) {
    const p99 = await p99Of(runs, work, cpuMs)
    least = round === 0 ? p99 : Math.min(least, p99)
  }
  return least
}

async function p99Of(runs: number, work: (run: number) => Promise<unknown>, cpuMs: () => number): Promise<number> {
  const spent: number[] = []
  for (let run = 0; run < runs; run++) {
    const began = cpuMs()
    await work(run)
    spent.push(cpuMs() - began)
  }
  return spent.sort((a, b) => a - b)[Math.ceil(runs * 0.99) - 1]
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
