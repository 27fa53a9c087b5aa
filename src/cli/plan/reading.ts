import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SluiceError } from '../../foundation/base/index.ts'
import { parseSamples, type Samples } from '../../foundation/telemetry/index.ts'
import type { Context } from '../context.ts'
import { seconds } from '../figures.ts'
import { remotePlatform } from '../remote.ts'

export interface FromOptions {
  /** Address of a server, or a file. */
  readonly from: string
  readonly key?: string
  /** Seconds between two readings of a server. */
  readonly seconds: number
}

/** Two readings of a server, or the text of a file. */
export type Reading =
  | { readonly kind: 'server'; readonly now: Samples; readonly before: Samples }
  | { readonly kind: 'file'; readonly text: string }

/** @throws SluiceError ERR_PLAN_INPUT, ERR_SERVER_UNREACHABLE */
export async function readingFrom({ terminal }: Context, options: FromOptions): Promise<Reading> {
  const { from } = options
  if (!isAddress(from)) {
    try {
      return { kind: 'file', text: await readFile(resolve(terminal.folder, from), 'utf8') }
    } catch (error) {
      throw new SluiceError('ERR_PLAN_INPUT', [from, (error as Error).message], { cause: error })
    }
  }
  const server = remotePlatform({ url: from, key: options.key })
  const before = parseSamples(await server.metrics())
  terminal.err(`Measuring ${from} for ${seconds(options.seconds)}; it must be under its usual load`)
  await delay(options.seconds * 1000)
  return { kind: 'server', now: parseSamples(await server.metrics()), before }
}

export function isAddress(from: string): boolean {
  return /^https?:\/\//.test(from)
}
