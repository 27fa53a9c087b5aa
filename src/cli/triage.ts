import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { systemClock } from '../foundation/base/index.ts'
import { minuteOf, parseSamples } from '../foundation/telemetry/index.ts'
import type { Context } from './context.ts'
import { FAILED } from './failure.ts'
import { moment, seconds } from './figures.ts'
import { amountOf, dataOption, jsonOption, keyOption, urlOption } from './options.ts'
import { serverOf } from './server-of.ts'
import { type Diagnosis, diagnose } from './triage/diagnose.ts'
import type { Terminal } from './terminal.ts'

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
      const { terminal } = context
      const server = serverOf(context, options)
      const before = parseSamples(await server.metrics())
      terminal.err(`Looking at ${server.where} for ${seconds(options.seconds)}`)
      await delay(options.seconds * 1000)
      const [text, status, observations] = await Promise.all([server.metrics(), server.status(), server.observations()])
      const at = systemClock.now()
      const now = minuteOf(at, parseSamples(text), before)
      const data = options.url === undefined ? options.data : undefined
      const diagnosis = diagnose({ at, status, observations, now, spanMs: options.seconds * 1000, data })
      if (!diagnosis.healthy) context.exitCode = FAILED
      terminal.out(options.json ? JSON.stringify(diagnosis) : triageView(terminal, diagnosis, now.slates))
    })
}

/** Changes shown. */
const CHANGES_SHOWN = 12

function triageView({ colours }: Terminal, { findings, changes, advice, healthy }: Diagnosis, slates: number): string {
  const { bold, dim, green, red, yellow } = colours
  const lines: string[] = []
  if (healthy)
    lines.push(
      slates > 0 ? green('Nothing is wrong.') : yellow('No slate was asked for while it looked: nothing to judge.'),
    )
  else lines.push(bold('What is wrong'))
  for (const { say, since, suspects } of findings) {
    lines.push(`  ${red('!')} ${say}, since ${moment(since)}`)
    for (const suspect of suspects) lines.push(dim(`      ${moment(suspect.at)}  ${suspect.say}`))
  }
  lines.push('', bold('What changed in the last 24 hours'))
  if (changes.length === 0) lines.push('  nothing')
  for (const { at, say } of changes.slice(0, CHANGES_SHOWN)) lines.push(`  ${dim(moment(at))}  ${say}`)
  if (changes.length > CHANGES_SHOWN) lines.push(dim(`  and ${changes.length - CHANGES_SHOWN} more (--json)`))
  if (advice) {
    lines.push('', `${bold('What to do')}: ${advice.action}`, `  ${advice.because}`)
    for (const step of advice.steps) lines.push(/^(sluice|npm) /.test(step) ? `  $ ${step}` : `  - ${step}`)
  }
  return lines.join('\n')
}
