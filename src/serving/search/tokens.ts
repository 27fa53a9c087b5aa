/** Words so common in English that they say nothing. Counted in a query only when it has no others. */
export const stopWords: ReadonlySet<string> = new Set(
  'a an and are as at be but by for from has have how i in is it its of on or s t that the this to was what when where which who will with you your'.split(
    ' ',
  ),
)

/** Longest word kept, in UTF-16 units: the rest of it is cut off. */
const WORD_MAX = 40

/**
 * The words of a text: compatibility forms and diacritics folded, lower case, runs of Unicode letters and digits.
 * "Ásgeir’s 2nd café" gives asgeir, s, 2nd, cafe.
 */
export function wordsOf(text: string): string[] {
  const folded = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
  return (folded.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.slice(0, WORD_MAX))
}

/**
 * Plural to singular, cautiously: Harman's s-stemmer (JASIS 1991), and "ie" as "y", so that "movie" and "movies" meet
 * (movy) as "story" and "stories" do (story). "glass", "bus" and "gas" stay.
 */
export function stemOf(word: string): string {
  if (word.length < 4) return word
  if (word.endsWith('ie')) return `${word.slice(0, -2)}y`
  if (!word.endsWith('s')) return word
  if (/[^ae]ies$/.test(word)) return `${word.slice(0, -3)}y`
  if (/[^aeo]es$/.test(word) || /[^usie]s$/.test(word)) return word.slice(0, -1)
  return word
}
