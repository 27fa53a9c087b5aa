/** Why a row of a source was turned away before it became a record. The engine adds its own codes for records. */
export const rowRejections = {
  ERR_ROW_SHAPE: 'the row does not have the columns it should',
  ERR_ROW_FIELD: 'a field that is needed is empty',
  ERR_ROW_NUMBER: 'a field that should be a number is none, or out of range',
  ERR_ROW_TIME: 'the time is no moment, or not in the unit of its column',
  ERR_ROW_KIND: 'the kind of event is not one this source has',
  ERR_ROW_QUOTE: 'the quotes of the row do not match',
  ERR_ROW_ENCODING: 'the row holds bytes that are no text in the encoding of the source',
  ERR_ROW_LONG: 'the row is longer than rows may be',
  ERR_ROW_JSON: 'the line is not one JSON object',
} as const
export type RowRejection = keyof typeof rowRejections

/** Where a record stood, for who has to mend it: a line of a text, a row of a Parquet file, from 1. */
export interface Place {
  readonly file: string
  readonly line: number
}

/**
 * One thing an importer found. Values are checked by the engine, with the same parsers as the HTTP API.
 * `rows`: how many rows of the source it stands for, so that rows = accepted + duplicate + rejected holds exactly.
 * Rows are what the source records of its viewers (ratings, events, lines); metadata that decorates them (a table of
 * movies, a bare item made because an event names it) stands for 0 rows, but a broken metadata row that is rejected
 * stands for 1: nothing is dropped unseen.
 */
export type ImportStep =
  | {
      readonly put: 'item'
      readonly value: unknown
      readonly rows: number
      readonly place?: Place
      /** Known by id only, because an event names it: put it only where the catalogue has no such item. */
      readonly bare?: true
    }
  | { readonly put: 'user'; readonly value: unknown; readonly rows: number; readonly place?: Place }
  | { readonly put: 'event'; readonly value: unknown; readonly rows: number; readonly place?: Place }
  | { readonly put: 'reject'; readonly code: string; readonly message: string; readonly rows: number }

export interface ImportOptions {
  /** Our name (user, item, kind, value, at; of items: id, title, ...) to the source's column; for csv, parquet and items. */
  readonly columns?: Readonly<Record<string, string>>
  /** The best rating of the source, which counts as five stars; for csv and parquet. Default 5. */
  readonly ratingMax?: number
  readonly onProgress?: (bytesRead: number, bytesTotal: number) => void
  /** Milliseconds since 1970; sources without times end on this day. Default: the day the file was last written. */
  readonly now?: number
}

export const importKinds = ['movielens', 'retailrocket', 'csv', 'items', 'jsonl', 'parquet', 'sequences'] as const
export type ImportKind = (typeof importKinds)[number]

export interface Importer {
  readonly kind: ImportKind
  readonly say: string
  /**
   * Reads a file or a folder. Items and users come first, then events in order of time, ties in order of the source
   * (jsonl: in order of the source). Equal sources give equal steps, so a second import gives duplicates only.
   * @throws SluiceError ERR_IMPORT_PATH when the path does not hold what it should; a bad row is a step, never a throw
   */
  read(path: string, options?: ImportOptions): AsyncGenerator<ImportStep>
}
