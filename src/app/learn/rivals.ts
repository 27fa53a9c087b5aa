import type { Artifact } from '../../learning/registry/index.ts'

/** What a retrieval model is measured beside, as figures and verdicts name it. */
export const POPULARITY = 'popularity'
export const ITEM_KNN = 'item-kNN'
export const liveOf = ({ manifest }: Artifact): string => `live version ${manifest.version}`

/** The plain rivals that a verdict is not against, with their figures. */
export function besideOf(
  against: string,
  figure: (name: string) => number | undefined,
): { readonly name: string; readonly value: number }[] {
  return [POPULARITY, ITEM_KNN].flatMap((name) => {
    const value = name === against ? undefined : figure(name)
    return value === undefined ? [] : [{ name, value }]
  })
}
