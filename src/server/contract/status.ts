import Type from 'typebox'
import { counts } from './counts.ts'

export const Health = Type.Object({ alive: Type.Literal(true), version: Type.String(), uptimeSeconds: Type.Number() })

export const Readiness = Type.Object(
  { ready: Type.Boolean(), phase: Type.String(), items: Type.Integer(), users: Type.Integer(), events: Type.Integer() },
  { description: 'Answered with 503 until it is ready.' },
)

const Times = Type.Object({ p50: Type.Number(), p99: Type.Number() })

const ShadowStatus = Type.Object({
  version: Type.String(),
  live: Type.Optional(Type.String({ description: 'Who ranked what it was asked: MODEL/VERSION, or bootstrap.' })),
  why: Type.Optional(Type.String({ description: 'Why it cannot be asked.' })),
  compared: Type.Integer({ description: 'Slates that both scored.' }),
  skipped: Type.Integer({ description: 'Slates that came while another was being scored.' }),
  failed: Type.Integer(),
  figures: Type.Optional(
    Type.Object(
      {
        slates: Type.Integer(),
        overlap: Type.Number({ description: 'Share of the first 20 of the live order among the first 20 of its own.' }),
        kept: Type.Optional(
          Type.Number({
            description: 'Of a coarse ranker: share of the first 20 of the fine rank that it would not have cut.',
          }),
        ),
        psi: Type.Optional(
          Type.Object(
            { value: Type.Number(), noise: Type.Number(), bins: Type.Integer() },
            { description: 'Distance of the distributions of click scores; noise: what chance alone gives.' },
          ),
        ),
        ms: Type.Object({ live: Times, shadow: Times }, { description: 'Milliseconds of the scoring.' }),
      },
      { description: 'Over the latest 500 slates.' },
    ),
  ),
})

export const EngineStatus = Type.Object(
  {
    ready: Type.Boolean(),
    phase: Type.String({ description: 'What it is doing, while it is not ready.' }),
    faults: Type.Optional(
      Type.Array(Type.String(), { description: 'Failures that are injected on purpose now; absent without any.' }),
    ),
    version: Type.String(),
    items: Type.Integer(),
    users: Type.Integer(),
    events: Type.Integer(),
    journalBytes: Type.Number(),
    pending: Type.Integer({ description: 'Events that wait for the disk.' }),
    unwritten: Type.Optional(
      Type.Object(
        { since: Type.Number({ description: 'Milliseconds since 1970.' }), why: Type.String() },
        { description: 'The disk did not take the latest batch; absent while it does.' },
      ),
    ),
    workers: Type.Optional(
      Type.Object(
        {
          wanted: Type.Integer(),
          ready: Type.Integer({ description: 'Workers that take requests.' }),
          here: Type.Integer({ description: 'Slates that the server made itself, because no worker could.' }),
          threads: Type.Array(
            Type.Object({
              ready: Type.Boolean(),
              made: Type.Integer({ description: 'Slates.' }),
              failed: Type.Integer({ description: 'Requests that ended with an error.' }),
              lost: Type.Integer({ description: 'Requests it ended over; others made those slates.' }),
              restarts: Type.Integer(),
              requests: Type.Integer({ description: 'Taken and not answered.' }),
            }),
          ),
        },
        { description: 'Threads that make slates, since the start; absent without any.' },
      ),
    ),
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
          order: Type.Optional(Type.Number({ description: 'How much the order of watching matters.' })),
          start: Type.Number(),
          end: Type.Number({ description: 'When its history ends, milliseconds since 1970.' }),
        },
        { description: 'What makes the simulated platform again that was served first; absent otherwise.' },
      ),
    ),
    digest: Type.Optional(Type.String({ description: 'Short hash of the configuration and the version.' })),
    models: Type.Record(Type.String(), Type.String(), { description: 'Version in use of each model.' }),
    kept: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Version before the one in use that is at hand: a rollback to it takes under a second.',
      }),
    ),
    shadows: Type.Optional(
      Type.Record(Type.String(), ShadowStatus, {
        description: 'By model, the version that is asked in its shadow and answers nobody, and how it compares.',
      }),
    ),
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
          online: Type.Optional(
            Type.String({
              description: 'What the training that goes on with the stream does; absent when there is none.',
            }),
          ),
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
    kind: Type.String({ description: 'start, stop, version, configuration, model, index, shadow or fault.' }),
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
    seconds: Type.Number(),
    slates: Type.Integer(),
    timed: counts('How often each layer was timed: home, home/fine.'),
    p99: counts('Milliseconds by layer.'),
    p90: counts('The same, 90th percentile.'),
    p50: counts('The same, median.'),
    rungs: counts('Shares of slates.'),
    shed: Type.Number({ description: 'Share of slates that got neither retrieval nor kept scores.' }),
    stageFaults: counts('Share of slates with a retrieval of their own on which a stage was late, failed or skipped.'),
    stageFailures: counts('The same, late or failed.'),
    sourceFaults: counts('Share of the times a source was asked on which it was late, failed or skipped.'),
    sourceShares: counts('Items on slates that a source had proposed, as a share of all.'),
    errors: Type.Number({ description: 'Answers of 500 or above, as a share of all.' }),
    errorsBy: counts('The same by method and route.'),
    servedLost: Type.Number({ description: 'Slates that the served log could not keep, as a share of all.' }),
    events: Type.Number(),
    rejected: Type.Number({ description: 'Share of events that were turned away.' }),
    visibleP99: Type.Optional(Type.Number({ description: 'Milliseconds until the next slate counts an event.' })),
    ctr: Type.Optional(Type.Number()),
    calibration: Type.Optional(Type.Number({ description: 'Clicks that came over clicks that were predicted.' })),
    drift: Type.Optional(Type.Object({ feature: Type.String(), psi: Type.Number() })),
    scoreDrift: Type.Optional(Type.Number()),
    workersEnded: Type.Number({ description: 'Workers that ended and were begun again.' }),
    workersMissing: Type.Number({ description: 'Workers that are wanted and take no requests.' }),
    pending: Type.Number(),
    memory: Type.Number(),
    loopLagP99: Type.Number(),
    processorWait: Type.Optional(
      Type.Number({
        description:
          'Share of the time in which the thread that serves had work that it waited for a core. Linux only.',
      }),
    ),
  },
  { description: 'What one minute was like.' },
)

export const Trouble = Type.Object(
  {
    part: Type.String({ description: 'stage fine, source covisit, rung cached.' }),
    at: Type.Number(),
    why: Type.Optional(Type.String()),
    slate: Type.Optional(Type.String({ description: 'The slate it happened to, when it can be explained.' })),
  },
  { description: 'The latest time that a part of the way of a request did not do what it should.' },
)

export const Observations = Type.Object(
  {
    from: Type.Number({ description: 'Where the part that is told begins: ask for what came `before` it to read on.' }),
    changes: Type.Array(Change),
    minutes: Type.Array(Minute),
    troubles: Type.Array(Trouble),
  },
  {
    description:
      'What changed and what each minute of a part of the last day was like, oldest first; the latest trouble of each stage, source and rung.',
  },
)
