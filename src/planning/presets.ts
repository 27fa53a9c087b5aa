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

export const presetSays: Readonly<Record<PresetName, string>> = {
  steady: 'a mature market at its daily peak',
  spike: 'the same market under four times the load, with the candidates cut to 150',
  'new-market': 'a market just opened: few viewers, a thin catalogue, fewer features',
}
export const presetNames = Object.keys(presets) as PresetName[]

/** What the published figures say of their inputs, and what they leave open: told with every plan by preset. */
export const presetNotes: readonly string[] = [
  'GPUs and nodes are pinned by candidates per second alone (40 M, 120 M, 5 M): other pairs of QPS and candidates print the same.',
  'Nodes follow the number of feature rows fetched, not their bytes.',
  'Feature rows of 7,986 to 8,012 bytes print 298 GB/s; a new market must have 3,114 to 3,328 bytes to print 15 GB/s.',
  'Vectors of 1,530 to 1,541 bytes print 143 GB: 384 float32, or 256 float32 with a graph of half their size.',
  'GB stands for GiB, and 8,000 scores per GPU and 50,000 fetches per node are effective rates: headroom is in them.',
  '8,000 scores per GPU and second is very careful for a dense ranker; measure yours and plan with --from.',
]
