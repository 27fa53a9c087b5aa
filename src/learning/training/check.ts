import { HISTORY_LENGTH } from '../../stream/features/index.ts'

/** @throws RangeError with the name, what was wanted, and the value, when it does not hold */
export function check(name: string, holds: boolean, value: unknown, wanted: string): void {
  if (!holds) throw new RangeError(`${name} must be ${wanted}, not ${String(value)}`)
}

/** Checks values of one kind. @throws RangeError for the first that is none */
export function checkAll(values: Readonly<Record<string, unknown>>, { holds, wanted }: Kind): void {
  for (const [name, value] of Object.entries(values)) check(name, holds(value), value, wanted)
}

interface Kind {
  readonly holds: (value: unknown) => boolean
  readonly wanted: string
}

const numberWhere =
  (fits: (value: number) => boolean) =>
  (value: unknown): boolean =>
    typeof value === 'number' && Number.isFinite(value) && fits(value)

/** What a value of a training's configuration may be. */
export const kinds = {
  count: { holds: numberWhere((x) => Number.isInteger(x) && x >= 1), wanted: 'a whole number from 1' },
  countOrNone: { holds: numberWhere((x) => Number.isInteger(x) && x >= 0), wanted: 'a whole number from 0' },
  positive: { holds: numberWhere((x) => x > 0), wanted: 'above 0' },
  notNegative: { holds: numberWhere((x) => x >= 0), wanted: 'a number from 0' },
  share: { holds: numberWhere((x) => x >= 0 && x < 1), wanted: 'from 0 to below 1' },
  flag: { holds: (value) => typeof value === 'boolean', wanted: 'true or false' },
} as const satisfies Record<string, Kind>

/** Entries of a history that are read. @throws RangeError for more than a history keeps */
export function checkHistory(history: number): void {
  const holds = kinds.count.holds(history) && history <= HISTORY_LENGTH
  check('history', holds, history, `a whole number from 1 to ${HISTORY_LENGTH}, as many as are kept of a viewer`)
}

/** Widths of embeddings are read four numbers at a time, and parted among attention heads. @throws RangeError */
export function checkWidth(width: number, heads: number): void {
  const wanted = heads > 1 ? `a multiple of 4 and of the ${heads} heads` : 'a multiple of 4'
  check('width', width % 4 === 0 && width % heads === 0, width, wanted)
}
