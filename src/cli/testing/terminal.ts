import { createColors } from 'picocolors'
import type { Terminal } from '../terminal.ts'

export interface FakeTerminal extends Terminal {
  /** What was printed so far. */
  readonly printed: { out: string; err: string }
  /** What a person's Ctrl-C does. */
  stop(): void
}

/** A terminal that keeps what is printed: no colour, no window. With `answers` a person sits at it who gives them. */
export function fakeTerminal(
  folder: string,
  env: Record<string, string> = {},
  answers?: readonly string[],
): FakeTerminal {
  const left = [...(answers ?? [])]
  const printed = { out: '', err: '' }
  const handlers = new Set<() => void>()
  return {
    printed,
    out: (text) => {
      printed.out += text + '\n'
    },
    err: (text) => {
      printed.err += text + '\n'
    },
    write: async (text) => {
      printed.out += text
    },
    status: () => undefined,
    ask: async (question) => {
      printed.err += `${question}\n`
      return left.shift()
    },
    interactive: answers !== undefined,
    width: 100,
    colours: createColors(false),
    env,
    folder,
    onStop(handler) {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    stop: () => {
      for (const handler of handlers) handler()
    },
  }
}
