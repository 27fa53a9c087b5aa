import {
  emitModel,
  type Graph,
  initialParameters,
  layoutOf,
  parameterViews,
  Session,
  type Tensor,
  type Values,
} from '../../graph/index.ts'

/** The values of a tensor, and the parameters they were computed with, drawn by a fixed seed. */
export async function runGraph(
  g: Graph,
  y: Tensor,
  feeds: Readonly<Record<string, Values>>,
): Promise<{ values: Float32Array; parameters: Record<string, Float32Array> }> {
  const flat = initialParameters(g, 'run graph')
  const session = await Session.open(emitModel(g, { y }, { weights: flat }))
  const { y: values } = await session.run(feeds)
  await session.close()
  return { values: values as Float32Array, parameters: parameterViews(layoutOf(g), flat) }
}

/** x W + b for one row: W [in, out] row-major. */
export function affine(x: ArrayLike<number>, weight: Float32Array, bias?: Float32Array): number[] {
  const out = weight.length / x.length
  return Array.from({ length: out }, (_, j) =>
    Array.from(x).reduce((sum, value, i) => sum + value * (weight[i * out + j] as number), bias?.[j] ?? 0),
  )
}
