/** Tags kept per movie: its most used ones. */
export const TAGS_PER_ITEM = 10
/** Longest tag kept, in characters; longer ones are remarks. */
const TAG_CHARACTERS_MAX = 64

/** Counts how often each movie was given each tag, lower-cased. */
export class TagCounts {
  private readonly counts = new Map<string, Map<string, number>>()

  add(item: string, tag: string): void {
    const word = tag.trim().replace(/\s+/g, ' ').toLowerCase()
    if (word === '' || word.length > TAG_CHARACTERS_MAX) return
    let words = this.counts.get(item)
    if (!words) {
      words = new Map()
      this.counts.set(item, words)
    }
    words.set(word, (words.get(word) ?? 0) + 1)
  }

  /** The most used tags of a movie, most used first, ties by code unit. */
  top(item: string): string[] {
    const words = [...(this.counts.get(item) ?? [])]
    words.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : a > b ? 1 : 0))
    return words.slice(0, TAGS_PER_ITEM).map(([word]) => word)
  }
}
