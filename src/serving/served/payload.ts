/** How a record of the served log begins: its slate id, user and session are read without parsing the rest. */
const SLATE = '{"slate":"'
const QUOTE = 0x22
/** Bytes of a record in which its slate id lies: ids of slates have 24 letters, and one that was imported at most 128. */
export const ID_BYTES = 512

/** Is it a slate, or the names of features that later slates point to? */
export function isSlate(payload: Buffer): boolean {
  return payload.length >= SLATE.length && payload.toString('latin1', 0, SLATE.length) === SLATE
}

export function idOf(payload: Buffer): string {
  return payload.toString('utf8', SLATE.length, payload.indexOf(QUOTE, SLATE.length))
}
