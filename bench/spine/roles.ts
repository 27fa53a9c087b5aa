import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createEngine } from '../../src/app/index.ts'
import { completeConfig } from '../../src/domain/index.ts'
import { growIndex } from './kept-index.ts'
import { plantModels } from './models.ts'
import { serve } from './serve.ts'

/** What a process of a bench may be told to be; the bench itself is none of them. */
const roles = {
  /** Makes a data folder. */
  build: async (data: string, size: string) => {
    const engine = createEngine({ data, config: completeConfig(), world: JSON.parse(size) as object })
    await engine.open()
    await engine.close()
  },
  /** Makes the index over a folder's items. */
  index: growIndex,
  /** Puts models of serving size into a small folder's registry. */
  models: plantModels,
  /** Serves a data folder and answers questions about itself. */
  serve,
} as const
type Role = keyof typeof roles

/** Megabytes of heap: a million items in objects while they are read. */
const HEAP_MB = 12_000

/** In a process that was started as a role: plays it, and gives true. */
export async function playsRole(): Promise<boolean> {
  const [word = '', ...rest] = process.argv.slice(2)
  const role = /^role:(\w+)$/.exec(word)?.[1] as Role | undefined
  if (role === undefined) return false
  await (roles[role] as (...words: string[]) => Promise<void>)(...rest)
  if (role !== 'serve') process.exit(0)
  return true
}

/** Starts this very bench as a role, in a process of its own. */
export function forkRole(role: Role, words: readonly string[]): { child: ChildProcess; ended: Promise<unknown> } {
  const child = fork(fileURLToPath(import.meta.url), [`role:${role}`, ...words], {
    execArgv: [`--max-old-space-size=${HEAP_MB}`, '--enable-source-maps'],
  })
  return { child, ended: once(child, 'exit') }
}
