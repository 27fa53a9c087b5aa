export { type Client, type ClientOptions, createClient, type NewEvent } from './client.ts'
export { Caller, type Method, networkReason } from './caller.ts'
export { ClientError } from './errors.ts'
export type { OutboxCounts, OutboxOptions } from './outbox.ts'
