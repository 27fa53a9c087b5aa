import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { SluiceError } from '../../foundation/base/index.ts'
import {
  type Answers,
  configText,
  decide,
  type Question,
  type QuestionName,
  questionNames,
  questions,
} from '../../planning/index.ts'
import { loadConfig } from '../config-file.ts'
import type { Context } from '../context.ts'
import { writeOut } from '../out-file.ts'
import { Misuse } from '../failure.ts'
import { jsonOption, nonEmpty } from '../options.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

interface DecideOptions extends Partial<Record<QuestionName, string>> {
  readonly write?: string
  readonly force?: boolean
  readonly json?: boolean
}

export function planDecide(plan: Command, context: Context): void {
  const command = plan
    .command('decide')
    .description('Answer five questions about a platform; they come to a configuration, every option with its reason.')
  for (const name of questionNames) {
    const { ask, answers } = questions[name] as Question
    command.addOption(new Option(`--${name} <answer>`, ask).choices(Object.keys(answers)))
  }
  command
    .option('--write <file>', 'write the configuration there, as sluice.config.ts', nonEmpty)
    .option('--force', 'replace the file when it is there')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
At a terminal it asks what the flags do not say.

Example:
  $ sluice plan decide --freshness session --cold many --experiments none --slate feed --outage degrade \\
      --write sluice.config.ts`,
    )
    .action(async (options: DecideOptions) => {
      const { terminal } = context
      const path = options.write === undefined ? undefined : resolve(terminal.folder, options.write)
      if (path && existsSync(path) && !options.force) throw new SluiceError('ERR_FILE_EXISTS', [path])
      const decision = decide(await answersOf(terminal, options))
      if (path) {
        await writeOut(terminal.folder, path, configText(decision))
        await loadConfig(terminal.folder, path) // what was written is what will be read
      }
      if (options.json) return terminal.out(JSON.stringify({ ...decision, ...(path ? { written: path } : {}) }))
      terminal.out(
        [
          table(
            terminal,
            [{ head: 'option' }, { head: 'value' }, { head: 'because' }],
            decision.settings.map(({ option, value, why }) => [option, JSON.stringify(value), why]),
          ),
          ...decision.advice.map((one) => `- ${one}`),
          path ? `Written to ${path}; \`sluice up\` there takes it.` : 'Add --write sluice.config.ts to keep it.',
        ].join('\n'),
      )
    })
}

async function answersOf(terminal: Terminal, options: DecideOptions): Promise<Answers> {
  const missing = questionNames.filter((name) => options[name] === undefined)
  if (missing.length > 0 && (!terminal.interactive || options.json)) {
    const say = missing.map((name) => `--${name} ${Object.keys(questions[name].answers).join('|')}`)
    throw new Misuse(`Some questions are open, and nobody is there to be asked. Say ${say.join(', ')}`)
  }
  const answers: Partial<Record<QuestionName, string>> = {}
  for (const name of questionNames) answers[name] = options[name] ?? (await asked(terminal, questions[name]))
  return answers as Answers
}

/** Asks until one of the answers is named, by its word or its number. */
async function asked(terminal: Terminal, { ask, answers }: Question): Promise<string> {
  const words = Object.keys(answers)
  const list = words.map((word, i) => `  ${i + 1}  ${word}: ${answers[word]?.say ?? ''}`)
  terminal.err([terminal.colours.bold(ask), ...list].join('\n'))
  for (let turn = 0; turn < TURNS; turn++) {
    const said = (await terminal.ask(`1 to ${words.length}> `))?.trim()
    if (said === undefined) break
    const word = words.find((one, i) => one === said || String(i + 1) === said)
    if (word) return word
    terminal.err(`It is one of ${words.join(', ')}, or its number.`)
  }
  throw new Misuse(`No answer to: ${ask}`)
}

/** Wrong answers before it gives up. */
const TURNS = 5
