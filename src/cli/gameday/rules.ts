import type { Item, User } from '../../domain/index.ts'

/**
 * What policy forbids, written once more and plainly, over the records of the simulated platform: the referee shares no
 * code with the player. Gives what is wrong with a slate, or undefined.
 */
export function ruleBroken(
  shown: readonly string[],
  user: User,
  items: ReadonlyMap<string, Item>,
  at: number,
): string | undefined {
  if (new Set(shown).size !== shown.length) return 'an item is on it twice'
  for (const id of shown) {
    const item = items.get(id)
    if (!item) continue // came out after the history: nothing is known of it here
    const { flags = [], countries, expires, hidden, stock, ageRating = 0 } = item
    if (hidden) return `${id} is hidden`
    if (flags.includes('blocked')) return `${id} is blocked`
    if (stock === 0) return `${id} is out of stock`
    if (expires !== undefined && new Date(expires).getTime() <= at) return `${id} has expired`
    if (ageRating > (user.age ?? 13))
      return `${id} is rated ${ageRating}, the viewer is ${user.age ?? 'of unknown age'}`
    if (countries && !(user.country !== undefined && countries.includes(user.country)))
      return `${id} is not for ${user.country}`
  }
  return undefined
}
