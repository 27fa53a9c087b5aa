import type { Terminal } from './terminal.ts'
import type { Rooms } from './rooms.ts'

/** What every command is given. */
export interface Context {
  readonly terminal: Terminal
  readonly rooms: Rooms
  /** Exit code of the command that ran; see failure.ts. */
  exitCode: number
}
