import { createColors } from 'picocolors'
import type { Command } from 'commander'
import type { Context } from './context.ts'
import { createProgram } from './program.ts'

const HEAD = `# Command line

Made from the commands themselves by \`npm run docs\`; do not edit.

Results go to standard output, everything else (progress, hints, errors) to standard error. With \`--json\` a result is one
line of JSON, and an error is \`{"error":{"code","message"}}\` on standard error. Exit codes: 0 done, 1 failed, 2 misused,
130 interrupted. Commands that read a platform ask the server that has the data folder open, and open the folder
themselves when none has.
`

/** The text of docs/reference/cli.md: the help of every command, as it is printed. */
export function cliReference(): string {
  const printed: string[] = []
  const program = createProgram(silentContext(printed))
  const help = (command: Command): string => {
    printed.length = 0
    command.outputHelp()
    return printed.join('\n').trim()
  }
  const sections = leaves(program).map(
    ({ name, command }) => `## \`${name}\`\n\n\`\`\`text\n${help(command)}\n\`\`\`\n`,
  )
  return `${HEAD}\n\`\`\`text\n${help(program)}\n\`\`\`\n\n${sections.join('\n')}`
}

/** Commands that do something, with their full names. */
function leaves(command: Command, name = command.name()): { name: string; command: Command }[] {
  return command.commands.flatMap((inner) => {
    const whole = `${name} ${inner.name()}`
    return inner.commands.length > 0 ? leaves(inner, whole) : [{ name: whole, command: inner }]
  })
}

function silentContext(printed: string[]): Context {
  const none = () => Promise.reject(new Error('The reference runs no command'))
  return {
    terminal: {
      out: (text) => void printed.push(text),
      err: (text) => void printed.push(text),
      write: async (text) => void printed.push(text),
      status: () => undefined,
      ask: async () => undefined,
      interactive: false,
      width: 100,
      colours: createColors(false),
      env: {},
      folder: '.',
      onStop: () => () => undefined,
    },
    rooms: { app: none, connect: none, server: none, telemetry: none },
    exitCode: 0,
  }
}
