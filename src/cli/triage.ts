import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { systemClock } from '../foundation/base/index.ts'
import { minuteOf, parseSamples } from '../foundation/telemetry/index.ts'
import type { Context } from './context.ts'
import { FAILED } from './failure.ts'
import { seconds } from './figures.ts'
import { amountOf, dataOption, jsonOption, keyOption, urlOption } from './options.ts'
import { serverOf } from './server-of.ts'
import { diagnose } from './triage/diagnose.ts'
import { triageView } from './triage/view.ts'

interface TriageOptions {
  readonly data: string
  readonly url?: string
  readonly key?: string
  readonly seconds: number
  readonly json?: boolean
}

export function triageCommand(program: Command, context: Context): void {
  program
    .command('triage')
    .description('Walk the runbook on a running server: what is wrong, since when, what changed then, what to do.')
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(keyOption())
    .option('--seconds <seconds>', 'how long it looks', amountOf(0.1, 3600), 10)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Exit code 1 when something is wrong. It changes nothing: it says what to run.

Example:
  $ sluice triage --data /var/lib/sluice`,
    )
    .action(async (options: TriageOptions) => {
      const { terminal, rooms } = context
      const { faults, indexedSources: indexed } = await rooms.app()
      const server = serverOf(context, options)
      const before = parseSamples(await server.metrics())
      terminal.err(`Looking at ${server.where} for ${seconds(options.seconds)}`)
      await delay(options.seconds * 1000)
      const [text, status, observations] = await Promise.all([server.metrics(), server.status(), server.observations()])
      const at = systemClock.now()
      const now = minuteOf(at, parseSamples(text), before, options.seconds)
      const place = { url: server.where, data: options.url === undefined ? options.data : undefined }
      const diagnosis = diagnose({ at, status, observations, now, place, faults, indexed })
      if (!diagnosis.healthy) context.exitCode = FAILED
      terminal.out(options.json ? JSON.stringify(diagnosis) : triageView(terminal, diagnosis, now.slates))
    })
}
