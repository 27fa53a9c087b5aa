import { Command } from 'commander'
import type { Context } from './context.ts'
import { MISUSED, reportFailure } from './failure.ts'
import { configCommand } from './config.ts'
import { eraseCommand } from './erase.ts'
import { evaluateCommand } from './evaluate.ts'
import { eventsCommand } from './events.ts'
import { explainCommand } from './explain.ts'
import { exportCommand } from './export.ts'
import { faultsCommand } from './faults.ts'
import { gamedayCommand } from './gameday.ts'
import { importCommand } from './import.ts'
import { learnCommand } from './learn.ts'
import { indexCommand } from './indexes.ts'
import { loadCommand } from './load.ts'
import { modelsCommand } from './models.ts'
import { planCommand } from './plan.ts'
import { portfolioCommand } from './portfolio.ts'
import { runsCommand } from './runs.ts'
import { samplesCommand } from './samples.ts'
import { slateCommand } from './slate.ts'
import { statusCommand } from './status.ts'
import { topCommand } from './top.ts'
import { sweepCommand } from './sweep.ts'
import { trainCommand } from './train.ts'
import { triageCommand } from './triage.ts'
import { upCommand } from './up.ts'
import { visitorsCommand } from './visitors.ts'
import { version } from './version.ts'

/** Every command, in the order of `--help`: as one meets them. */
const commands = [
  upCommand,
  importCommand,
  slateCommand,
  explainCommand,
  portfolioCommand,
  eventsCommand,
  statusCommand,
  topCommand,
  triageCommand,
  evaluateCommand,
  samplesCommand,
  trainCommand,
  learnCommand,
  sweepCommand,
  runsCommand,
  modelsCommand,
  indexCommand,
  visitorsCommand,
  loadCommand,
  planCommand,
  faultsCommand,
  gamedayCommand,
  exportCommand,
  eraseCommand,
  configCommand,
]

const HELP_WIDTH = 100

export function createProgram(context: Context): Command {
  const program = new Command('sluice')
    .description('A real-time recommendation engine: from event to slate, whole and explained.')
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ sortOptions: false })
    .configureOutput({
      writeOut: (text) => context.terminal.out(text.replace(/\n$/, '')),
      writeErr: (text) => context.terminal.err(text.replace(/\n$/, '')),
      outputError: () => undefined, // told once, by reportFailure
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
    })
  for (const add of commands) add(program, context)
  return program
}

/** Runs one command line (without the program's name) and gives the exit code. */
export async function runProgram(words: readonly string[], context: Context): Promise<number> {
  try {
    const program = createProgram(context)
    if (words.length === 0) {
      program.outputHelp({ error: true })
      return MISUSED
    }
    await program.parseAsync([...asked(program, words)], { from: 'user' })
    return context.exitCode
  } catch (error) {
    return reportFailure(context.terminal, error, words.includes('--json'))
  }
}

/** Help about a command that is not there is refused like the command itself, with the near one. */
function asked(program: Command, words: readonly string[]): readonly string[] {
  const [first, about] = words
  const known = (name: string) => name.startsWith('-') || program.commands.some((command) => command.name() === name)
  return first === 'help' && about !== undefined && !known(about) ? words.slice(1) : words
}
