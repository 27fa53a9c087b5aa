import Type, { type Static } from 'typebox'

/** What the platform is for. The value model, experiment verdicts, the degradation policy and capacity cuts read it. */
export const Objective = Type.Object(
  {
    primary: Type.String({
      default: 'retention-28d',
      description: 'The metric that decides: share of users who return within 28 days.',
    }),
    guardrails: Type.Array(
      Type.Object(
        {
          metric: Type.String({ description: 'Name of the metric.' }),
          better: Type.Union([Type.Literal('higher'), Type.Literal('lower')], { description: 'Which way is good.' }),
          margin: Type.Number({
            minimum: 0,
            maximum: 1,
            unit: 'share',
            description: 'Relative change for the worse that is still accepted.',
          }),
        },
        { additionalProperties: false },
      ),
      {
        default: [
          { metric: 'watch-time', better: 'higher', margin: 0.01 },
          { metric: 'satisfaction', better: 'higher', margin: 0.005 },
          { metric: 'report-rate', better: 'lower', margin: 0.02 },
          { metric: 'creator-gini', better: 'lower', margin: 0.02 },
        ],
        description: 'Metrics that must not get worse by more than their margin.',
      },
    ),
    trade: Type.Object(
      {
        primary: Type.Number({
          default: 0.005,
          minimum: 0,
          maximum: 1,
          unit: 'share',
          description: 'Loss of the primary metric that may be paid ...',
        }),
        guardrail: Type.Number({
          default: 0.05,
          minimum: 0,
          maximum: 1,
          unit: 'share',
          description: '... for a gain of a guardrail metric of at least this much.',
        }),
      },
      {
        default: {},
        additionalProperties: false,
        description: 'Willingness to trade: 0.5 % of the primary metric for 5 % of a guardrail.',
      },
    ),
    values: Type.Object(
      {
        click: Type.Number({
          default: 1,
          minimum: -100,
          maximum: 100,
          unit: 'value',
          description: 'Worth of an expected click.',
        }),
        watch: Type.Number({
          default: 2,
          minimum: -100,
          maximum: 100,
          unit: 'value',
          description: 'Worth of an item watched to its end.',
        }),
        satisfaction: Type.Number({
          default: 1.5,
          minimum: -100,
          maximum: 100,
          unit: 'value',
          description: 'Worth of a viewer who is glad afterwards.',
        }),
        report: Type.Number({
          default: -20,
          minimum: -100,
          maximum: 100,
          unit: 'value',
          description: 'Worth of a report (a loss).',
        }),
        return: Type.Number({
          default: 0,
          minimum: -100,
          maximum: 100,
          unit: 'value',
          description:
            'Worth of a viewer who begins another session within 7 days of the slate. For trained models only; it speaks of the whole slate, so it tells items apart weakly.',
        }),
      },
      {
        default: {},
        additionalProperties: false,
        description: 'Worth of each predicted outcome to the primary metric.',
      },
    ),
  },
  { default: {}, additionalProperties: false, description: 'What the platform is for.' },
)
export type Objective = Static<typeof Objective>
