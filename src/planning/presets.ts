import type { Demand } from './capacity.ts'

/** A published planning exercise: the demand of a platform in three situations. */
export const presets = {
  steady: {
    peakQps: 200_000,
    candidates: 200,
    featureBytes: 8000,
    items: 100_000_000,
    vectorBytes: 1536,
  },
  spike: {
    peakQps: 800_000,
    candidates: 150,
    featureBytes: 8000,
    items: 100_000_000,
    vectorBytes: 1536,
  },
  'new-market': {
    peakQps: 25_000,
    candidates: 200,
    featureBytes: 3200,
    items: 1_000_000,
    vectorBytes: 1536,
  },
} as const satisfies Record<string, Demand>

export type PresetName = keyof typeof presets

export const presetNames = Object.keys(presets) as PresetName[]

/**
 * What the figures of a preset stand on: told with every plan by preset. The published ones leave their inputs open within
 * bounds: rows of 7,986 to 8,012 bytes print 298 GB/s, 3,114 to 3,328 in a new market 15 GB/s, vectors of 1,530 to 1,541
 * bytes 143 GB.
 */
export const presetNotes: readonly string[] = [
  'GPUs follow items/s at 8,000 scores a second each. That is very careful for a dense ranker: measure yours, and plan with --from.',
  'Nodes follow the rows of features that are fetched, 50,000 a second each; bandwidth their bytes, 8,000 a row (3,200 in a new market).',
  'The index takes 1,536 bytes an item: 384 numbers of 4 bytes, without a graph.',
  'GB stands for GiB. Rates are what a machine does at the load you would run it at: headroom is in them.',
]
