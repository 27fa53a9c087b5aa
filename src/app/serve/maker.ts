import type { SlateRequest } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'
import { whyNone } from '../../serving/filters/index.ts'
import { clickOf, type Outcome, type Query } from '../../serving/pipeline/index.ts'
import { encodeRecord } from '../../serving/served/index.ts'
import type { Parts } from '../parts.ts'
import { Digests } from './digests.ts'
import { hydrate } from './hydrate.ts'
import { type Made, outcomeFacts, queryFacts } from './made.ts'
import { present } from './present.ts'
import { recordOf } from './record.ts'
import { type ShadowNews, Shadows } from './shadows.ts'

export interface MakerOptions {
  /** Of the configuration and the version. */
  readonly digest: string
  /** Is a record wanted of each slate? */
  readonly records: boolean
  /** Is told what came of slates in the shadow. */
  readonly shadowed: (news: ShadowNews) => void
}

/** Makes slates over the state of this thread's parts, and counts nothing: what is counted comes with each. */
export class SlateMaker {
  private readonly parts: Parts
  /** Is a record made with each slate? */
  readonly records: boolean
  private readonly digests: Digests
  private readonly shadows: Shadows

  constructor(parts: Parts, { digest, records, shadowed }: MakerOptions) {
    this.parts = parts
    this.records = records
    this.digests = new Digests(digest)
    this.shadows = new Shadows(parts, shadowed)
  }

  /** `turn` tells requests of one moment apart; `arrived`: when it arrived, in ticks. */
  async make(request: SlateRequest, turn: number, arrived: number): Promise<Made> {
    const { query, outcome } = await this.answer(request, turn, arrived)
    const made = this.made(request, query, outcome)
    this.shadows.see(query, outcome)
    return made
  }

  /** The cheapest whole slate, at once. */
  shed(request: SlateRequest, turn: number, arrived: number): Made {
    const { query, outcome } = this.shedding(request, turn, arrived)
    return this.made(request, query, outcome)
  }

  /** Runs a request for its cost alone. */
  async rehearse(request: SlateRequest): Promise<void> {
    await this.parts.pipeline.run(hydrate(this.parts, request, 0))
  }

  /** A whole slate when there is a place for it and time; otherwise the cheapest one. */
  private async answer(request: SlateRequest, turn: number, arrived: number): Promise<Answer> {
    const { clock, ladder, pipeline } = this.parts
    if (ladder.places.full) return this.shedding(request, turn, arrived)
    return ladder.places.run(async () => {
      const query = hydrate(this.parts, request, turn, clock.ticks() - arrived)
      const cheap = ladder.cached.has(query) ? 'cached' : 'popular'
      if (!ladder.admission.whole(query.waitedMs, query.deadline.remaining(), cheap)) {
        return { query, outcome: pipeline.shed(query) }
      }
      const from = clock.ticks()
      ladder.injector.suffer('slate')
      const outcome = await pipeline.run(query)
      ladder.admission.took(clock.ticks() - from)
      return { query, outcome }
    })
  }

  private shedding(request: SlateRequest, turn: number, arrived: number): Answer {
    const query = hydrate(this.parts, request, turn, this.parts.clock.ticks() - arrived)
    return { query, outcome: this.parts.pipeline.shed(query) }
  }

  private made(request: SlateRequest, query: Query, came: Outcome): Made {
    const { state, features } = this.parts
    const outcome = blamed(query, came, state.items)
    const slate = present({ ...this.parts, digestOf: (models) => this.digests.of(models) }, query, outcome)
    const clicks = Float32Array.from(outcome.picks, ({ index }) => clickOf(query, outcome, index))
    const made = { slate, query: queryFacts(query), outcome: outcomeFacts(outcome), clicks }
    if (!this.records) return made
    const record = recordOf({ state, featureDigest: features.digest }, request, query, outcome, slate)
    return { ...made, record: encodeRecord(record) }
  }
}

/** Of an empty slate, what in the filter left nothing: a note on the stage that filtered, or on the last one. */
function blamed({ rule }: Query, outcome: Outcome, items: Items): Outcome {
  if (rule === undefined || outcome.picks.length > 0) return outcome
  const { stages } = outcome
  const at = Math.max(0, stages.findIndex(({ stage }) => stage === 'filter') + 1 || stages.length) - 1
  const note = (before: string | undefined) => [before, whyNone(rule, items)].filter(Boolean).join('; ')
  return { ...outcome, stages: stages.map((stage, i) => (i === at ? { ...stage, note: note(stage.note) } : stage)) }
}

interface Answer {
  readonly query: Query
  readonly outcome: Outcome
}
