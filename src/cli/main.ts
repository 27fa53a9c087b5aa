import { runProgram } from './program.ts'
import { realRooms } from './real-rooms.ts'
import { processTerminal } from './terminal.ts'

/** What is still under way after the command (a stop while opening) is not waited for any longer than this. */
const LINGER_MS = 500

process.exitCode = await runProgram(process.argv.slice(2), {
  terminal: processTerminal(),
  rooms: realRooms,
  exitCode: 0,
})
setTimeout(() => process.exit(), LINGER_MS).unref()
