import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { DriveReport } from './drive.ts'

export interface VisitorsChild {
  /** Asks them to leave and waits for it; a process that does not go is ended. */
  stop(): Promise<void>
}

/** Longest wait for the visitors to leave. */
const LEAVE_MS = 2_000

export interface ChildOptions {
  readonly url: string
  readonly key: string | undefined
  readonly rate: number
  /** Told about once a second. */
  onReport(report: DriveReport): void
  /** Told when they are gone without having been asked to go: what they said last. */
  onGone(said: string): void
}

/**
 * Runs `sluice visitors` in a process of its own and of low priority: a world thinks, and the server must not wait for
 * it. A child whose server dies ends by itself.
 */
export function startVisitors({ url, key, rate, onReport, onGone }: ChildOptions): VisitorsChild {
  const program = process.argv[1] as string // this very command line
  const child = spawn(
    process.execPath,
    [program, 'visitors', '--url', url, '--rate', String(rate), '--every', '1', '--json'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...(key === undefined ? {} : { SLUICE_KEY: key }) } },
  )
  let stopping = false
  let said = ''
  const gone = once(child, 'close').catch(() => undefined)
  child.on('spawn', () => calm(child.pid))
  child.on('error', (error) => {
    said = error.message
  })
  createInterface({ input: child.stdout }).on('line', (line) => onReport(JSON.parse(line) as DriveReport))
  createInterface({ input: child.stderr }).on('line', (line) => {
    said = line
  })
  child.on('close', () => {
    if (!stopping) onGone(said)
  })
  return {
    async stop() {
      stopping = true
      child.kill('SIGTERM')
      if (await Promise.race([gone.then(() => true), delay(LEAVE_MS, false, { ref: false })])) return
      child.kill('SIGKILL')
      await gone
    },
  }
}

function calm(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // not allowed here, or already gone: they act at the usual priority
  }
}
