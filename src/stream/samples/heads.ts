export interface HeadSpec {
  /** `binary`: 0 or 1. `share`: any value from 0 to 1. */
  readonly scale: 'binary' | 'share'
  readonly say: string
}

/** What may come of an impression, each a label in 0..1. A head's code is its place here: append only. */
export const heads = {
  click: { scale: 'binary', say: 'the viewer opened it (or consumed it in another way that says liking)' },
  watch: { scale: 'share', say: 'share watched; 0 when not opened, unknown when opened and no share was reported' },
  satisfaction: {
    scale: 'share',
    say: 'what the viewer said of it: the survey or rating, else 1 for a reaction that says liking, 0 for waving away or reporting; unknown for all others, so it describes those who speak',
  },
  report: { scale: 'binary', say: 'the viewer reported it' },
  return: {
    scale: 'binary',
    say: 'the viewer began another session within the return window; unknown for strangers and near the end of the log',
  },
} as const satisfies Record<string, HeadSpec>
export type Head = keyof typeof heads

export const headNames = Object.keys(heads) as readonly Head[]
export const HEADS = headNames.length

export function headCode(head: Head): number {
  return headNames.indexOf(head)
}
