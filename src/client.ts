/** What a program imports as `sluice/client` to talk to a server. It needs no more than `fetch`, so it runs in browsers too. */
export {
  type Client,
  ClientError,
  type ClientOptions,
  createClient,
  type NewEvent,
  type OutboxCounts,
  type OutboxOptions,
} from './client/index.ts'
export type { Item, Rule, Slate, SlateItem, SlateRequest, User } from './domain/index.ts'
