/** A text as one word of a shell. */
export function quoted(text: string, always = false): string {
  return always || !/^[\w./:@-]+$/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : text
}
