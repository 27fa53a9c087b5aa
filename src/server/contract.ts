import Type, { type Static, type TSchema } from 'typebox'
import { faultNames } from '../app/index.ts'
import {
  Event,
  Id,
  Item,
  Rule,
  Slate,
  SlateItem,
  SlateRequest,
  StageReport,
  StageStatus,
  User,
} from '../domain/index.ts'
import { limits } from './limits.ts'

const open = { additionalProperties: true }

export const Failure = Type.Object(
  {
    error: Type.Object({
      code: Type.String({ description: 'From the table of errors.' }),
      message: Type.String({ description: 'What could not be done, why, and the way out.' }),
      where: Type.Optional(Type.String({ description: 'The place in the request that is wrong.' })),
    }),
  },
  { description: 'Every answer that is not a success.' },
)
export type Failure = Static<typeof Failure>

export const Rejected = Type.Object(
  {
    index: Type.Integer({ description: 'Place in the request, from 0.' }),
    code: Type.String(),
    message: Type.String(),
  },
  { description: 'A record that was turned away.' },
)

const omitted = Type.Optional(Type.Integer({ description: 'Rejections beyond those listed.' }))

export const EventsReport = Type.Object(
  { accepted: Type.Integer(), duplicate: Type.Integer(), rejected: Type.Array(Rejected), omitted },
  { description: 'What came of each event. Accepted ones are on disk and count for the next slate.' },
)

export const UpsertReport = Type.Object(
  { accepted: Type.Integer(), rejected: Type.Array(Rejected), omitted },
  { description: 'What came of each record.' },
)

export const ErasureReport = Type.Object(
  {
    user: Type.String(),
    erased: Type.Object({
      profile: Type.Boolean(),
      journal: Type.Integer(),
      served: Type.Integer(),
      slates: Type.Integer(),
    }),
  },
  { description: 'What was erased from each store.' },
)

export const UserView = Type.Object(
  {
    ...User.properties,
    historyLength: Type.Integer({ description: 'Items consumed.' }),
    history: Type.Array(Type.Object({ item: Type.String(), at: Type.Number(), kind: Type.String() }), {
      description: 'The latest ones.',
    }),
  },
  { description: 'A user and what they consumed.' },
)

const Injected = Type.Object(
  {
    fault: Type.String({ minLength: 1, maxLength: 64, description: `One of ${faultNames.join(', ')}.` }),
    probability: Type.Number({ exclusiveMinimum: 0, maximum: 1, description: 'Share of the calls that it strikes.' }),
    ms: Type.Number({ minimum: 0, maximum: 60_000, description: 'Milliseconds, where it takes time.' }),
  },
  { additionalProperties: false },
)
export const FaultsReport = Type.Object(
  { allowed: Type.Boolean(), active: Type.Array(Injected) },
  { description: 'Faults that are injected on purpose.' },
)
export const FaultsBody = Type.Object(
  {
    faults: Type.Array(
      Type.Object(
        {
          fault: Injected.properties.fault,
          probability: Type.Optional(Injected.properties.probability),
          ms: Type.Optional(Injected.properties.ms),
        },
        { additionalProperties: false },
      ),
      { maxItems: 32 },
    ),
  },
  { additionalProperties: false, description: 'Faults to inject; default: every call, for the time of the table.' },
)

export const SimilarItem = Type.Object({
  item: Type.String(),
  score: Type.Number({ description: 'Likeness of the content; higher is more alike.' }),
  title: Type.Optional(Type.String()),
})

export const SimilarItems = Type.Object({ item: Type.String(), items: Type.Array(SimilarItem) })

const counts = (description: string) => Type.Record(Type.String(), Type.Number(), { description })

export const Explanation = Type.Object(
  {
    slate: Type.String(),
    surface: Type.String(),
    user: Type.Optional(Type.String()),
    at: Type.Number(),
    rung: Type.String(),
    digest: Type.String(),
    models: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Who scored, by stage: MODEL/VERSION, or bootstrap.' }),
    ),
    funnel: Type.Array(Type.Object({ step: Type.String(), count: Type.Integer() }), {
      description: 'Candidates left after each step, in order.',
    }),
    removals: counts('Candidates removed, by reason.'),
    stages: Type.Array(StageReport),
    sources: Type.Array(
      Type.Object({
        name: Type.String(),
        status: StageStatus,
        at: Type.Number({ description: 'When it was asked, in milliseconds from the start of retrieval.' }),
        ms: Type.Number(),
        count: Type.Integer(),
        note: Type.Optional(Type.String()),
      }),
    ),
    items: Type.Array(
      Type.Object({
        item: Type.String(),
        title: Type.Optional(Type.String()),
        position: Type.Integer(),
        sources: Type.Record(Type.String(), Type.Object({ score: Type.Number(), rank: Type.Integer() })),
        scores: Type.Object({ retrieval: Type.Number(), coarse: Type.Number(), fine: Type.Number() }),
        contributions: counts('Parts of the fine score; they sum to it.'),
        predictions: Type.Optional(counts('What the fine model predicted, by head.')),
        features: counts('What the ranker saw.'),
        propensity: Type.Number(),
        explored: Type.Boolean(),
        pinned: Type.Boolean(),
        reason: Type.String(),
      }),
    ),
    runnersUp: Type.Array(Type.Object({ item: Type.String(), score: Type.Number() }), {
      description: 'Ranked and not chosen, best first.',
    }),
  },
  { description: 'Why a slate looks as it does; read from what was logged when it was made.' },
)

const amounts = ['retrieved', 'ranked', 'served', 'clicked', 'unique', 'uniqueClicked', 'late', 'failed'] as const

export const PortfolioReport = Type.Object(
  {
    slates: Type.Integer(),
    rows: Type.Array(
      Type.Object({
        source: Type.String(),
        ...(Object.fromEntries(amounts.map((name) => [name, Type.Integer()])) as Record<
          (typeof amounts)[number],
          ReturnType<typeof Type.Integer>
        >),
        msMean: Type.Number(),
        msMax: Type.Number(),
        verdict: Type.String(),
      }),
    ),
  },
  { description: 'What each source is worth.' },
)

export const Health = Type.Object({ alive: Type.Literal(true), version: Type.String(), uptimeSeconds: Type.Number() })

export const Readiness = Type.Object(
  { ready: Type.Boolean(), phase: Type.String(), items: Type.Integer(), users: Type.Integer(), events: Type.Integer() },
  { description: 'Answered with 503 until it is ready.' },
)

export const EngineStatus = Type.Object(
  {
    ready: Type.Boolean(),
    phase: Type.String({ description: 'What it is doing, while it is not ready.' }),
    version: Type.String(),
    items: Type.Integer(),
    users: Type.Integer(),
    events: Type.Integer(),
    journalBytes: Type.Number(),
    pending: Type.Integer({ description: 'Events that wait for the disk.' }),
    uptimeSeconds: Type.Number(),
    memory: counts('Bytes held by each part of the state.'),
    world: Type.Optional(
      Type.Object(
        {
          seed: Type.Union([Type.String(), Type.Number()]),
          users: Type.Integer(),
          items: Type.Integer(),
          creators: Type.Integer(),
          days: Type.Integer(),
          events: Type.Number(),
          start: Type.Number(),
          end: Type.Number({ description: 'When its history ends, milliseconds since 1970.' }),
        },
        { description: 'What makes the simulated platform again that was served first; absent otherwise.' },
      ),
    ),
    digest: Type.Optional(Type.String({ description: 'Short hash of the configuration and the version.' })),
    models: Type.Record(Type.String(), Type.String(), { description: 'Version in use of each model.' }),
    learning: Type.Optional(
      Type.Object(
        {
          state: Type.Union([Type.Literal('waiting'), Type.Literal('training')]),
          progress: Type.Optional(
            Type.Object({
              phase: Type.String(),
              done: Type.Number(),
              total: Type.Number(),
              loss: Type.Optional(Type.Number()),
              metric: Type.Optional(Type.Object({ name: Type.String(), value: Type.Number() })),
              secondsLeft: Type.Optional(Type.Number()),
            }),
          ),
          failed: Type.Record(Type.String(), Type.String(), {
            description: 'Why the latest training of a model came to nothing.',
          }),
        },
        { description: 'Training beside the server; absent when it is off.' },
      ),
    ),
    budgets: counts('Milliseconds each layer may take: a surface by its name, its stages as home/retrieve.'),
  },
  { description: 'What the platform holds and how it is.' },
)

export const Change = Type.Object(
  {
    at: Type.Number(),
    kind: Type.String({ description: 'start, stop, version, configuration, model, index or fault.' }),
    subject: Type.String({ description: 'What changed: a model, the path of an option.' }),
    from: Type.Optional(Type.String()),
    to: Type.Optional(Type.String()),
    say: Type.String(),
  },
  { description: 'Something that changed under the platform.' },
)

export const Minute = Type.Object(
  {
    at: Type.Number({ description: 'The end of the minute.' }),
    slates: Type.Integer(),
    p99: counts('Milliseconds by layer: home, home/fine.'),
    p50: counts('The same, median.'),
    rungs: counts('Shares of slates.'),
    sourceFaults: counts('Share of slates on which a source was late, failed or skipped.'),
    sourceShares: counts('Items on slates that a source had proposed, as a share of all.'),
    errors: Type.Number({ description: 'Answers of 500 or above, as a share of all.' }),
    events: Type.Number(),
    rejected: Type.Number({ description: 'Share of events that were turned away.' }),
    visibleP99: Type.Optional(Type.Number({ description: 'Milliseconds until the next slate counts an event.' })),
    ctr: Type.Optional(Type.Number()),
    calibration: Type.Optional(Type.Number({ description: 'Clicks that came over clicks that were predicted.' })),
    drift: Type.Optional(Type.Object({ feature: Type.String(), psi: Type.Number() })),
    scoreDrift: Type.Optional(Type.Number()),
    pending: Type.Number(),
    memory: Type.Number(),
    loopLagP99: Type.Number(),
  },
  { description: 'What one minute was like.' },
)

export const Observations = Type.Object(
  { changes: Type.Array(Change), minutes: Type.Array(Minute) },
  { description: 'What changed, and what each minute of the last day was like; oldest first.' },
)

/** What an event, item or user looks like once it is kept. */
export const StoredEvent = Type.Object(
  { ...Event.properties, at: Type.Number(), receivedAt: Type.Number() },
  { description: 'An event as it is kept: moments in milliseconds since 1970.' },
)

export const ById = Type.Object({ id: Id })
export const SimilarQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.similarMax, default: 20 })) },
  { additionalProperties: false },
)
export const TailQuery = Type.Object(
  {
    last: Type.Optional(
      Type.Integer({ minimum: 0, maximum: limits.tailLastMax, default: 10, description: 'Past events to begin with.' }),
    ),
  },
  { additionalProperties: false },
)
export const NoQuery = Type.Object({}, { additionalProperties: false })

export const EventsBody = Type.Object({ events: Type.Array(Event) }, { additionalProperties: false })
export const ItemsBody = Type.Union([Type.Array(Item), Type.Object({ items: Type.Array(Item) })])
export const UsersBody = Type.Union([Type.Array(User), Type.Object({ users: Type.Array(User) })])
export const Anything = Type.Unknown(open)

/** The schemas that have a name in the API document; the others are written where they are used. */
export const named: Readonly<Record<string, TSchema>> = {
  Failure,
  Slate,
  SlateItem,
  SlateRequest,
  StageReport,
  StageStatus,
  Rule,
  Event,
  StoredEvent,
  EventsReport,
  Rejected,
  Item,
  User,
  UserView,
  UpsertReport,
  ErasureReport,
  SimilarItem,
  SimilarItems,
  Explanation,
  PortfolioReport,
  Health,
  Readiness,
  EngineStatus,
  Observations,
  Change,
  Minute,
}
