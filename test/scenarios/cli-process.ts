import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const binary = fileURLToPath(new URL('../../bin/sluice.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Started {
  readonly child: ChildProcess
  /** What it has printed so far. */
  readonly printed: { out: string; err: string }
  readonly ended: Promise<Ended>
  /** Resolves with the match when standard output or error holds it; rejects when the process ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>
}

const clean = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(PORT|SLUICE_\w+|CI|NO_COLOR|FORCE_COLOR|npm_\w+)$/.test(name)),
)

/** Starts the real command line, with no terminal behind it. */
export function start(words: readonly string[], options: { cwd: string; env?: Record<string, string> }): Started {
  const child = spawn(process.execPath, [binary, ...words], {
    cwd: options.cwd,
    env: { ...clean, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { out: '', err: '' }
  const watchers = new Set<() => void>()
  const listen = (name: 'out' | 'err') => (piece: Buffer) => {
    printed[name] += piece.toString('utf8')
    for (const watch of watchers) watch()
  }
  child.stdout.on('data', listen('out'))
  child.stderr.on('data', listen('err'))
  const ended = new Promise<Ended>((done) => child.once('close', (code) => done({ code, ...printed })))
  return {
    child,
    printed,
    ended,
    until: (pattern) =>
      new Promise((found, lost) => {
        const watch = () => {
          const match = pattern.exec(printed.out) ?? pattern.exec(printed.err)
          if (!match) return
          watchers.delete(watch)
          found(match)
        }
        watchers.add(watch)
        void ended.then(({ code }) =>
          lost(new Error(`ended with ${code} before ${pattern}:\n${printed.out}\n${printed.err}`)),
        )
        watch()
      }),
  }
}

/** Runs it to its end. */
export function sluice(
  words: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<Ended> {
  return start(words, options).ended
}

/** The folder of the package. */
export const packageFolder = join(binary, '..', '..')
