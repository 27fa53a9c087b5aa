import { runProgram } from './program.ts'
import { realRooms } from './real-rooms.ts'
import { processTerminal } from './terminal.ts'

/** What is still under way after the command (a stop while opening) is not waited for any longer than this. */
const LINGER_MS = 500

// A command that is under way keeps the process alive, even when all it waits for are timers that do not.
const alive = setInterval(() => undefined, 60_000)
process.exitCode = await runProgram(process.argv.slice(2), {
  terminal: processTerminal(),
  rooms: realRooms,
  exitCode: 0,
})
clearInterval(alive)
setTimeout(() => process.exit(), LINGER_MS).unref()
