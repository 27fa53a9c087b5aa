/**
 * The bytes of a snapshot, in the byte order of the machine that wrote it:
 *   head     magic 8 | format u32 | 0 u32
 *   arrays   the bytes of each array, one after the other, each at a multiple of 8
 *   table    JSON: what the owner says of it, and where each array lies
 *   foot     bytes of the table u32 | crc32 of the table u32 | magic 8
 * The table comes last, so that a file is written in one go; one that was cut short has no foot.
 */
export const MAGIC = Buffer.from('SLUICEST')
export const SNAPSHOT_FORMAT = 1
export const HEAD_BYTES = 16
export const FOOT_BYTES = 16
export const ALIGN = 8

/** Where an array lies. */
export interface Section {
  readonly path: string
  /** Name of its constructor, which is its type. */
  readonly type: string
  /** Cells of the array. */
  readonly length: number
  readonly offset: number
  /** Bytes in the file; the rest of the array is its last cell again and again. */
  readonly bytes: number
  /** The bytes of that cell; empty when they are all 0. */
  readonly fill: readonly number[]
  readonly sum: number
}

export interface Table {
  readonly about: unknown
  readonly sections: readonly Section[]
  /** Names of parts that are made at run time, by path. */
  readonly texts: Readonly<Record<string, readonly string[]>>
}
