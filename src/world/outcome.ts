export type EventKind =
  | 'impression'
  | 'click'
  | 'watch'
  | 'like'
  | 'share'
  | 'follow'
  | 'not-interested'
  | 'report'
  | 'survey'
export type Surface = 'home' | 'next' | 'search'

/** Receives what a viewer does, in no order of time within a slate. `value`, `completion`: NaN when there is none. */
export type Emit = (
  kind: EventKind,
  item: number,
  position: number,
  at: number,
  value: number,
  completion: number,
) => void

/** What came of one slate. One object is reused: copy what you keep. */
export interface Outcome {
  clicks: number
  watchSeconds: number
  /** Mean satisfaction of what was watched; NaN when nothing was. */
  satisfaction: number
  reports: number
  /** What is asked next: a surface, or 'none' when the session ends. */
  next: Surface | 'none'
  /** Item that `next` follows, or -1; topic that `search` is about, or -1. */
  item: number
  topic: number
  /** When the next slate is asked for; when the session ends, when the viewer returns. */
  at: number
}
