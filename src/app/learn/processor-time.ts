/** Runs that meet code while it is being compiled: they do not count. */
const WARM_UP = 20

/** 99th percentile of the processor time of a piece of work in milliseconds: what else the machine does is not in it. */
export async function processorP99(runs: number, work: (run: number) => Promise<unknown>): Promise<number> {
  for (let run = 0; run < Math.min(WARM_UP, runs); run++) await work(run)
  const spent: number[] = []
  for (let run = 0; run < runs; run++) {
    const began = process.cpuUsage()
    await work(run)
    const { user, system } = process.cpuUsage(began)
    spent.push((user + system) / 1000)
  }
  return spent.sort((a, b) => a - b)[Math.ceil(runs * 0.99) - 1] ?? Number.NaN
}
