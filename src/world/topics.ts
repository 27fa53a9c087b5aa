/** Topics, with the words that titles, tags and searches are made of. A topic's number is its place here. */
export const topics = {
  jazz: 'saxophone trumpet swing bebop improvisation trio piano groove club vinyl ballad drummer',
  cooking: 'recipe pasta kitchen spices sauce oven roast noodles dessert chef vegetables bread',
  chess: 'opening endgame gambit checkmate grandmaster tactics knight sacrifice blitz pawn queen sicilian',
  gardening: 'seeds compost tomatoes pruning greenhouse soil roses herbs harvest balcony mulch orchard',
  astronomy: 'telescope galaxy planets eclipse nebula comet moon orbit stars supernova saturn observatory',
  football: 'goal penalty league striker transfer midfield derby keeper training stadium champions dribbling',
  photography: 'camera lens portrait exposure landscape shutter studio lighting film aperture composition tripod',
  travel: 'city island train backpack hostel mountains itinerary beach passport roadtrip temple ferry',
  programming:
    'typescript algorithm debugging database compiler refactoring terminal server recursion testing python browser',
  history: 'empire castle revolution medieval archive pharaoh treaty viking battle museum dynasty rome',
  fitness: 'squat marathon stretching kettlebell yoga cardio pullups mobility workout protein recovery plank',
  gaming: 'speedrun boss quest multiplayer indie dungeon console patch loot retro strategy arcade',
  woodworking: 'chisel dovetail workbench plane oak sanding lathe joinery varnish cabinet saw carving',
  fashion: 'fabric runway vintage sewing sneakers wardrobe tailoring denim jacket silhouette thrift accessories',
  wildlife: 'wolf safari eagle rainforest whale migration otter predator habitat owl reef elephant',
  finance: 'budget stocks mortgage inflation savings dividend pension portfolio interest bonds taxes market',
} as const

export type Topic = keyof typeof topics
export const topicNames = Object.keys(topics) as Topic[]
export const TOPICS = 16
/** Words by topic number. */
export const topicWords: readonly (readonly string[])[] = topicNames.map((name) => topics[name].split(' '))

/** Where people live, what they speak, how far their clock is from UTC (hours), and how many they are (weights). */
export const regions = [
  { country: 'US', language: 'en', utc: -6, weight: 30 },
  { country: 'GB', language: 'en', utc: 0, weight: 12 },
  { country: 'IN', language: 'en', utc: 5, weight: 14 },
  { country: 'DE', language: 'de', utc: 1, weight: 12 },
  { country: 'FR', language: 'fr', utc: 1, weight: 9 },
  { country: 'ES', language: 'es', utc: 1, weight: 8 },
  { country: 'MX', language: 'es', utc: -6, weight: 8 },
  { country: 'BR', language: 'pt', utc: -3, weight: 7 },
] as const
export const languages = ['en', 'de', 'fr', 'es', 'pt'] as const
export const regionLanguage: readonly number[] = regions.map(({ language }) => languages.indexOf(language))
const regionWeights = regions.map(({ weight }) => weight)
const regionTotal = regionWeights.reduce((sum, weight) => sum + weight, 0)

/** The region that a uniform number in [0, 1) falls on. */
export function regionAt(uniform: number): number {
  let left = uniform * regionTotal
  for (let r = 0; r < regionWeights.length; r++) if ((left -= regionWeights[r]) < 0) return r
  return 0
}

export const devices = ['phone', 'tv', 'laptop', 'tablet'] as const
