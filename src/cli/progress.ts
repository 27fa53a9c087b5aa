import { SingleBar } from 'cli-progress'
import type { Progress } from '../app/index.ts'
import type { Clock } from '../foundation/base/index.ts'
import { systemClock } from '../foundation/base/index.ts'
import { bytes, count, seconds } from './figures.ts'
import type { Terminal } from './terminal.ts'

/** What is counted, when that is not records. */
type Shown = Progress & { readonly unit?: 'bytes' }

export interface ProgressView {
  show(progress: Shown): void
  /** Finishes what is on the screen; call it also when the work failed. */
  end(): void
}

/** Time between two plain lines of one phase. */
const LINE_EVERY_MS = 5_000

/** A phase that is over sooner is not worth a line to who waits for an answer. */
const BRIEF_MS = 1_000

/**
 * Bars for a person, plain lines for a log: one phase after the other, each left standing with its time.
 * `briefMs`: phases that took less are not shown.
 */
export function progressView(
  terminal: Terminal,
  { briefMs = BRIEF_MS, clock = systemClock }: { briefMs?: number; clock?: Clock } = {},
): ProgressView {
  return terminal.interactive ? bars(clock, briefMs) : lines(terminal, clock, briefMs)
}

function bars(clock: Clock, briefMs: number): ProgressView {
  let bar: SingleBar | undefined
  let phase = ''
  let last: Shown | undefined
  let started = 0
  let soon: NodeJS.Timeout | undefined
  /** Puts the bar on the screen, once the phase has lasted for long enough. */
  const draw = () => {
    if (bar || !last || clock.ticks() - started < briefMs) return
    bar = new SingleBar({
      format: `  ${named(phase).padEnd(24)} {bar} {amount} {note}`,
      stream: process.stderr,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      hideCursor: false,
      linewrap: false,
    })
    bar.start(Math.max(last.total, 1), 0, { amount: '', note: '' })
  }
  const end = () => {
    clearTimeout(soon)
    draw()
    if (!bar || !last) {
      last = undefined
      return
    }
    bar.setTotal(Math.max(last.total, last.done, 1))
    bar.update(last.total || last.done || 1, { note: seconds((clock.ticks() - started) / 1000) })
    bar.stop()
    bar = undefined
    last = undefined
  }
  const update = () => {
    draw()
    if (!bar || !last) return
    bar.setTotal(Math.max(last.total, last.done, 1))
    // An unknown total leaves the bar empty and counts.
    bar.update(last.total > 0 ? last.done : 0, { amount: amount(last), note: learning(last) })
  }
  return {
    end,
    show: (progress) => {
      if (progress.phase !== phase || !last) {
        end()
        phase = progress.phase
        started = clock.ticks()
        soon = setTimeout(() => update(), briefMs)
        soon.unref()
      }
      last = progress
      update()
    },
  }
}

function lines(terminal: Terminal, clock: Clock, briefMs: number): ProgressView {
  let last: Shown | undefined
  let started = 0
  let printed = 0
  const end = () => {
    if (last && clock.ticks() - started >= briefMs)
      terminal.err(`${named(last.phase)}: ${amount(last) || 'done'} in ${seconds((clock.ticks() - started) / 1000)}`)
    last = undefined
  }
  return {
    end,
    show: (progress) => {
      const now = clock.ticks()
      if (progress.phase !== last?.phase) {
        end()
        started = printed = now
      } else if (now - printed >= LINE_EVERY_MS) {
        printed = now
        terminal.err(progressLine(progress))
      }
      last = progress
    },
  }
}

function amount({ done, total, unit }: Shown): string {
  const say = unit === 'bytes' ? bytes : count
  if (total === 0) return done === 0 ? '' : say(done)
  return total <= 1 || (total <= 100 && done >= total) ? '' : `${say(done)} of ${say(total)}`
}

/** One step of long work as a line. */
export function progressLine(progress: Shown): string {
  const stands = [amount(progress), learning(progress)].filter(Boolean).join(', ')
  return stands === '' ? named(progress.phase) : `${named(progress.phase)}: ${stands}`
}

/** How a training stands. */
function learning({ loss, metric, secondsLeft }: Shown): string {
  return [
    ...(loss === undefined || Number.isNaN(loss) ? [] : [`loss ${loss.toFixed(4)}`]),
    ...(metric === undefined ? [] : [`${metric.name} ${metric.value.toFixed(4)}`]),
    ...(secondsLeft === undefined || !Number.isFinite(secondsLeft) ? [] : [`${seconds(secondsLeft)} left`]),
  ].join(', ')
}

/** What the phases of the engine are called here; others go by their own names. */
const phases: Readonly<Record<string, string>> = {
  open: 'Opening the folder',
  restore: 'Restoring the state',
  replay: 'Replaying the log',
  world: 'Simulating a platform',
  build: 'Building the sources',
  'warm-up': 'Warming up',
  read: 'Reading',
  import: 'Importing',
  split: 'Splitting the events',
  judge: 'Judging',
  samples: 'Joining samples',
}

function named(phase: string): string {
  return phases[phase] ?? phase
}
