import { Argument, type Command, InvalidArgumentError } from 'commander'
import type { OnlineReport } from '../app/index.ts'
import { type OnlineModel, onlineModels, trainable } from '../domain/index.ts'
import { loadConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { amountOf, configOption, dataOption, existingFolder, jsonOption, wholeNumber } from './options.ts'

interface LearnCommandOptions {
  readonly data: string
  readonly every: number
  readonly window: number
  readonly snapshot: number
  readonly forget: number
  readonly config?: string
  readonly json?: boolean
}

/** @throws InvalidArgumentError with the reason, for models that are trained anew instead */
function onlineModel(text: string): OnlineModel {
  const known = onlineModels.find((name) => name === text)
  if (known !== undefined) return known
  const anew = (trainable as readonly string[]).includes(text)
  throw new InvalidArgumentError(
    anew
      ? `${text} does not learn from the stream: it is trained anew (sluice train ${text}, learning.everyHours).`
      : `Allowed choices are ${onlineModels.join(', ')}.`,
  )
}

/** `sluice learn`: online training, beside a server on the same folder or without one. */
export function learnCommand(program: Command, context: Context): void {
  program
    .command('learn')
    .description('Go on training a live model on the events of a data folder as they come, until it is stopped.')
    .addArgument(new Argument('<model>', 'what goes on learning').choices(onlineModels).argParser(onlineModel))
    .addOption(dataOption())
    .option('--every <seconds>', 'between two updates that a server takes', amountOf(1, 86_400), 60)
    .option(
      '--window <seconds>',
      'how long an outcome may follow its impression; two towers ask for none',
      amountOf(1, 86_400),
      600,
    )
    .option('--snapshot <minutes>', 'between two versions to which a rollback goes', wholeNumber(0, 10_080), 60)
    .option(
      '--forget <days>',
      'embeddings of ids unseen for so long go with each version; 0: never',
      amountOf(0, 3650),
      90,
    )
    .addOption(configOption())
    .addOption(jsonOption('print one JSON object for each update'))
    .addHelpText(
      'after',
      `
Of a ranking model all weights go on learning; of the two towers the embeddings of the items that are consumed, so that
no other item has to be encoded again. An update that makes the model worse on what was held out is refused and taken back. A server on the same folder
takes updates and versions by itself; \`sluice models rollback MODEL\` takes back what was learned.

Example:
  $ sluice learn bst-isolated --data mine --every 60`,
    )
    .action(async (model: OnlineModel, options: LearnCommandOptions) => {
      const { terminal, rooms } = context
      const data = existingFolder(terminal.folder, options.data)
      const { config } = await loadConfig(terminal.folder, options.config)
      const { trainOnline } = await rooms.app()
      const stop = new AbortController()
      const release = terminal.onStop(() => stop.abort())
      let latest = ''
      const onReport = (report: OnlineReport) => {
        if (options.json) return terminal.out(JSON.stringify(report))
        if (report.say !== latest) terminal.out(sentence(report)) // what waits says so once
        latest = report.say
      }
      try {
        await trainOnline({
          ...{ data, config, model, onReport, signal: stop.signal },
          ...{ everySeconds: options.every, windowSeconds: options.window, snapshotMinutes: options.snapshot },
          forgetDays: options.forget,
        })
      } finally {
        release()
      }
    })
}

function sentence({ say, loss, live, examples }: OnlineReport): string {
  if (loss === undefined || live === undefined) return say
  return `${say}  loss ${loss.toFixed(4)}, live ${live.toFixed(4)}, ${examples ?? 0} examples`
}
