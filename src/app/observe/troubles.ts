import type { OutcomeFacts } from '../../serving/pipeline/index.ts'

/** The latest time that a part of the way of a request did not do what it should. */
export interface Trouble {
  /** `stage fine`, `source covisit`, `rung cached`. */
  readonly part: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** What was said of it there. */
  readonly why?: string
  /** The slate it happened to, when it was kept: it can be explained. */
  readonly slate?: string
}

/** One trouble a part, the latest: as many as there are stages, sources and rungs. */
export class Troubles {
  private readonly latest = new Map<string, Trouble>()

  /** Looks at what became of a slate. What was skipped is no trouble of its own: it lacked time, or what comes before it. */
  observe(at: number, slate: string | undefined, { rung, stages, sources }: OutcomeFacts): void {
    const of = slate === undefined ? { at } : { at, slate }
    const note = (part: string, why?: string) =>
      this.latest.set(part, why === undefined ? { part, ...of } : { part, ...of, why })
    for (const { stage, status, note: why } of stages)
      if (status === 'failed' || status === 'late') note(`stage ${stage}`, why)
    for (const { name, status, note: why } of sources)
      if (status === 'failed' || status === 'late') note(`source ${name}`, why)
    if (rung !== 'full') note(`rung ${rung}`)
  }

  report(): readonly Trouble[] {
    return [...this.latest.values()]
  }
}
