import type { Candidates } from '../pipeline/index.ts'
import type { Contenders } from './contenders.ts'

/** Slots of a scroll that fall on this page, as positions on it, ascending, each once. */
export function slotsOnPage(slots: readonly number[], offset: number, length: number): number[] {
  const positions = slots.map((slot) => slot - offset).filter((position) => position >= 0 && position < length)
  return [...new Set(positions)].sort((a, b) => a - b)
}

/** Contenders that the source of pins proposed, in its order. */
export function pinsOf(contenders: Contenders, ranked: Candidates, source: string): number[] {
  const s = ranked.sources.indexOf(source)
  if (s < 0) return []
  const rank = (i: number) => ranked.sourceRanks[contenders.indices[i] * ranked.sources.length + s]
  const pins: number[] = []
  for (let i = 0; i < contenders.count; i++) if (rank(i) > 0) pins.push(i)
  return pins.sort((a, b) => rank(a) - rank(b) || a - b)
}
