/** A spike that is known beforehand: when it comes, how high, how long. Times in minutes from now. */
export interface Spike {
  /** Machines that run now. */
  readonly machines: number
  /** Load at the spike over the load now. */
  readonly factor: number
  readonly inMinutes: number
  readonly lastsMinutes: number
  /** From ordering a machine to its first request: boot, replay, warm-up. */
  readonly bootMinutes: number
  /** Most machines that may be added at once, as a share of those that run: suppliers and caches bear no more. */
  readonly waveShare: number
  /** Share of the candidates that are ranked during the spike, above 0 to 1: fewer candidates, fewer machines. */
  readonly candidateShare: number
  /** Share of a slate's cost that grows with its candidates, 0 to 1. */
  readonly candidateCostShare: number
}

export const defaultSpike = {
  factor: 4,
  inMinutes: 360,
  lastsMinutes: 120,
  bootMinutes: 5,
  waveShare: 0.5,
  candidateShare: 0.75,
  candidateCostShare: 1,
} as const satisfies Omit<Spike, 'machines'>

/** Time kept between the last wave and the spike, and after it before machines go. */
const MARGIN_MINUTES = 30

export interface SpikePlan {
  readonly machinesAtPeak: number
  /** Minutes from now, machines to have from then on, and why. Steps before 0 are late: the spike comes too soon. */
  readonly steps: readonly { readonly atMinutes: number; readonly machines: number; readonly say: string }[]
  /** Machines missing when the spike begins, because there is no time left to add them. */
  readonly shortBy: number
}

/**
 * When to add machines before a spike: waves of a bounded share of the fleet, each one warm before the next is ordered,
 * the last one warm half an hour before the spike. Scaling on the load itself comes too late by the boot time.
 * @throws RangeError for a number outside its range
 */
export function spikePlan(spike: Spike): SpikePlan {
  const { machines, factor, inMinutes, lastsMinutes, bootMinutes, waveShare, candidateShare, candidateCostShare } =
    spike
  for (const [name, value] of Object.entries(spike))
    if (!(value >= 0 && Number.isFinite(value))) throw new RangeError(`Cannot plan a spike with ${name} ${value}`)
  if (machines < 1) throw new RangeError(`Cannot plan a spike with ${machines} machines`)
  if (waveShare === 0) throw new RangeError('Cannot plan a spike with waves of no machine')
  if (candidateShare === 0 || candidateShare > 1) throw new RangeError(`Cannot rank a share of ${candidateShare}`)
  const costShare = 1 - candidateCostShare + candidateCostShare * candidateShare
  const machinesAtPeak = Math.max(machines, Math.ceil(machines * factor * costShare - 1e-9))
  const sizes: number[] = []
  for (let now = machines; now < machinesAtPeak; ) {
    now = Math.min(machinesAtPeak, now + Math.max(1, Math.floor(now * waveShare)))
    sizes.push(now)
  }
  const steps: { atMinutes: number; machines: number; say: string }[] = sizes.map((size, wave) => ({
    atMinutes: inMinutes - MARGIN_MINUTES - (sizes.length - wave) * bootMinutes,
    machines: size,
    say: `order wave ${wave + 1} of ${sizes.length}: warm after ${bootMinutes} min`,
  }))
  const inTime = steps.filter(({ atMinutes }) => atMinutes >= 0).length
  const late = steps.length - inTime
  // Late waves start at once, one after the other, as many as fit before the spike.
  const fitting =
    late === 0 ? sizes.length : Math.min(sizes.length, Math.floor(inMinutes / Math.max(bootMinutes, 1e-9)))
  const reached = fitting === 0 ? machines : (sizes[fitting - 1] as number)
  if (candidateShare < 1)
    steps.push({
      atMinutes: inMinutes - MARGIN_MINUTES / 2,
      machines: machinesAtPeak,
      say: `rank ${Math.round(candidateShare * 100)} % of the candidates until the spike is over`,
    })
  steps.push(
    { atMinutes: inMinutes, machines: machinesAtPeak, say: 'the spike begins' },
    {
      atMinutes: inMinutes + lastsMinutes + MARGIN_MINUTES,
      machines,
      say: 'all candidates again, then let machines go, in waves too',
    },
  )
  return { machinesAtPeak, steps, shortBy: Math.max(0, machinesAtPeak - (sizes.length === 0 ? machines : reached)) }
}
