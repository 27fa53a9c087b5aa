import type { WorldSize } from '../app/index.ts'

/** Simulated platforms by name. `default` is the world's own size; `none` leaves an empty folder empty. */
export const worldSizes = {
  none: undefined,
  small: { users: 300, items: 600, days: 10 },
  default: {},
  large: { users: 50_000, items: 100_000 },
} as const satisfies Record<string, WorldSize | undefined>
export type WorldName = keyof typeof worldSizes

export const worldNames = Object.keys(worldSizes) as WorldName[]
