/** Part of a slate's cost and how far it may be cut. */
export interface Lever {
  readonly name: string
  /** Share of the whole cost that it makes, 0 to 1. */
  readonly costShare: number
  /** What it stands at now, and the least that is still a good slate. */
  readonly now: number
  readonly least: number
  readonly unit: string
}

export interface CutOptions {
  /** Share of the machines that is to go, 0 to below 1. */
  readonly cut: number
  readonly levers: readonly Lever[]
  /** Share of the load that the degraded path must be able to take over when machines fail, and its cost over a full slate's. */
  readonly degraded: { readonly loadShare: number; readonly costShare: number }
}

export interface CutPlan {
  readonly steps: readonly {
    readonly name: string
    readonly from: number
    readonly to: number
    readonly unit: string
    readonly saves: number
  }[]
  /** Share of the cost that the steps save. */
  readonly saved: number
  /** Share that is asked for and cannot be had from these levers; 0 when the plan holds. */
  readonly missing: number
  /** Share of the remaining machines that is kept for the degraded path: it is never cut. */
  readonly reserve: number
}

/**
 * Where to save when a share of the machines is to go: each lever in its order down to its least before the next one is
 * touched. Candidates come first (their value falls off fastest from the end of the list); the degraded path is no lever:
 * it is what is left when more than the planned share is gone.
 * @throws RangeError for a share outside its range
 */
export function cutPlan({ cut, levers, degraded }: CutOptions): CutPlan {
  if (!(cut >= 0 && cut < 1)) throw new RangeError(`Cannot cut a share of ${cut}`)
  const steps: CutPlan['steps'][number][] = []
  let missing = cut
  for (const { name, costShare, now, least, unit } of levers) {
    if (missing <= 1e-12 || costShare <= 0 || now <= least) continue
    const most = costShare * (1 - least / now)
    const share = Math.min(missing, most)
    const to = share === most ? least : Math.floor(now * (1 - share / costShare) + 1e-9)
    const saves = costShare * (1 - to / now)
    steps.push({ name, from: now, to, unit, saves })
    missing -= saves
  }
  const left = Math.max(0, missing)
  return {
    steps,
    saved: cut - missing,
    missing: left < 1e-12 ? 0 : left,
    reserve: degraded.loadShare * degraded.costShare,
  }
}
