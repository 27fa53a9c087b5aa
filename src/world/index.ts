export type { WorldOptions } from './options.ts'
export { topicNames } from './topics.ts'
export { createWorld, type World, type WorldEntry } from './world.ts'
