import Type, { type Static } from 'typebox'
import { parserOf } from '../../domain/index.ts'

/** Outcomes that the objective gives a worth: what a model from outside may predict. */
export const externalHeads = ['click', 'watch', 'satisfaction', 'report', 'return'] as const

const Output = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'As the ONNX file calls it.' }),
    heads: Type.Array(Type.Union([Type.Enum([...externalHeads]), Type.Null()]), {
      minItems: 1,
      maxItems: 32,
      description: 'What each column of it predicts; null for a column that is passed over.',
    }),
  },
  { additionalProperties: false },
)

/**
 * What must be said of a ranking model from outside: one float32 input [candidates, columns], and float32 outputs
 * [candidates, heads] that depend on each candidate's own row alone.
 */
export const ExternalContract = Type.Object(
  {
    features: Type.Object(
      {
        digest: Type.String({ minLength: 1, description: 'Of the features it was trained on.' }),
        columns: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 4096 }),
      },
      { additionalProperties: false },
    ),
    input: Type.String({ minLength: 1, description: 'Name of the input.' }),
    outputs: Type.Array(Output, { minItems: 1, maxItems: externalHeads.length }),
    values: Type.Enum(['logits', 'probabilities'], { description: 'What the outputs are.' }),
    missing: Type.Optional(
      Type.Union([Type.Number(), Type.Null()], {
        description: 'What stands for a feature that did not come; null is NaN, as trees like it. Default 0.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type ExternalContract = Static<typeof ExternalContract>

const parse = parserOf(ExternalContract)

/** Checks a contract. Gives what is wrong as a sentence's end, or the contract. */
export function readContract(value: unknown): { readonly contract: ExternalContract } | { readonly wrong: string } {
  const parsed = parse(value)
  if (!parsed.ok) return { wrong: `its manifest is wrong at ${parsed.where}: ${parsed.why}` }
  const heads = headsOf(parsed.value)
  if (heads.length === 0) return { wrong: 'its manifest names no head' }
  const columns = parsed.value.features.columns
  const twice = firstTwice(heads) ?? firstTwice(columns) ?? firstTwice(parsed.value.outputs.map(({ name }) => name))
  return twice === undefined ? { contract: parsed.value } : { wrong: `its manifest names "${twice}" twice` }
}

/** Heads in the order in which the outputs give them. */
export function headsOf({ outputs }: Pick<ExternalContract, 'outputs'>): string[] {
  return outputs.flatMap(({ heads }) => heads.filter((head) => head !== null))
}

function firstTwice(names: readonly string[]): string | undefined {
  return names.find((name, i) => names.indexOf(name) !== i)
}
