import Type from 'typebox'
import { faultNames } from '../../app/index.ts'

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
