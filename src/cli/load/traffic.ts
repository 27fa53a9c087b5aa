import type { EventInput, Slate, SlateRequest } from '../../domain/index.ts'

/** Who asks, and what they do with what they are given. */
export interface Traffic {
  /** In one line, for the reader: as whom the requests are made. */
  readonly as: string
  /** The next request for a surface. Each must be given back to `answered`. */
  request(surface: string): SlateRequest
  /** What came of a request; no slate when it failed. */
  answered(request: SlateRequest, slate: Slate | undefined): void
  /** So many events that are worth telling now, `at` as their time. No id comes twice. */
  events(count: number, at: number): EventInput[]
}
