/** Columns of the feature reader that the bootstrap ranker reads. */
export const inputNames = [
  'item.ctr',
  'item.completion',
  'item.satisfaction',
  'item.rating',
  'item.negative',
  'item.age',
  'item.rank',
  'affinity.category',
  'affinity.creator',
  'fatigue.item',
] as const
export type InputName = (typeof inputNames)[number]
export type Inputs = Readonly<Record<InputName, number>>

/**
 * Finds the columns once, and gives a reader of one candidate's values.
 * @throws RangeError when the reader of features lacks one
 */
export function inputsFrom(names: readonly string[]): (features: Float32Array, index: number) => Inputs {
  const columns = inputNames.map((name) => {
    const column = names.indexOf(name)
    if (column < 0)
      throw new RangeError(
        `The bootstrap ranker needs the feature "${name}", and the reader of features has only ${names.join(', ')}`,
      )
    return column
  })
  const stride = names.length
  const values = Object.fromEntries(inputNames.map((name) => [name, 0])) as Record<InputName, number>
  return (features, index) => {
    for (let i = 0; i < columns.length; i++)
      values[inputNames[i] as InputName] = features[index * stride + (columns[i] as number)]
    return values // reused by the next call
  }
}
