import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SluiceError } from '../../foundation/base/index.ts'
import type { TrainNews, TrainOrder } from './child.ts'

/** The process that trains, as it lies in the built package. */
const BUNDLE = join('dist', 'trainer.js')
/** How long a stop waits for the last checkpoint; a process that was killed goes on from the one before. */
const STOP_MS = 5_000

/**
 * A training in a process of its own, at the lowest priority: it computes when the server has nothing to do, and cannot take
 * it down.
 */
export class TrainerProcess {
  /** When it has ended. @throws SluiceError ERR_TRAIN_PROCESS when it ended by accident */
  readonly ended: Promise<void>
  private readonly child: ChildProcess
  private stopped = false

  constructor(order: TrainOrder, tell: (news: TrainNews) => void) {
    this.child = fork(bundle(), [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
    let done = false
    let said = ''
    this.child.stderr?.on('data', (text: Buffer) => {
      said = `${said}${text.toString('utf8')}`.slice(-2000)
    })
    this.child.on('message', (news: TrainNews) => {
      if (news.kind === 'done') done = true
      tell(news)
    })
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject)
      this.child.on('exit', (code, signal) => {
        if (done || this.stopped) resolve()
        else reject(new SluiceError('ERR_TRAIN_PROCESS', [String(signal ?? code), said.trim() || 'it said nothing']))
      })
    })
    this.ended.catch(() => undefined) // whoever waits has the error
    if (this.child.pid !== undefined) lower(this.child.pid)
    this.child.send(order)
  }

  /** Has it write a checkpoint and end. */
  async stop(): Promise<void> {
    this.stopped = true
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    if (this.child.connected) this.child.disconnect()
    const kill = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS)
    await this.ended.catch(() => undefined)
    clearTimeout(kill)
  }
}

/** Where the platform does not let it, it trains at the priority it has. */
function lower(pid: number): void {
  try {
    os.setPriority(pid, os.constants.priority.PRIORITY_LOW)
  } catch {
    // It ended already, or a container forbids it: neither is a reason not to train.
  }
}

/** From the sources and from the bundle alike: up to the folder of the package. */
function bundle(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder)
  return join(folder, BUNDLE)
}
