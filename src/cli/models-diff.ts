import type { Command } from 'commander'
import type { Context } from './context.ts'
import { bytes, clipped } from './figures.ts'
import { dataOption, existingFolder, jsonOption } from './options.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

type Diff = ReturnType<Awaited<ReturnType<Context['rooms']['app']>>['diffModels']>

/** Longest value of a field that is shown whole; `--json` has all of it. */
const VALUE_MAX = 40

/** `sluice models diff`: what differs between two versions of a model. */
export function diffCommand(models: Command, { terminal, rooms }: Context): void {
  models
    .command('diff <model> <from> <to>')
    .description('Say what differs between two versions: settings, figures, gates, features, files.')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (model: string, from: string, to: string, { data, json }: { data: string; json?: boolean }) => {
      const { diffModels, openRegistry } = await rooms.app()
      const diff = diffModels(openRegistry(existingFolder(terminal.folder, data)), model, from, to)
      terminal.out(json ? JSON.stringify(diff) : diffView(terminal, diff))
    })
}

/** One table for each kind of thing that differs; what is alike is left out. Ends of intervals are in `--json`. */
export function diffView(terminal: Terminal, { from, to, fields, metrics, gates, features, files }: Diff): string {
  const { bold, dim } = terminal.colours
  const part = (name: string, head: readonly string[], rows: readonly (readonly string[])[]) =>
    rows.length === 0
      ? []
      : [
          bold(name),
          table(
            terminal,
            head.map((text) => ({ head: text })),
            rows,
          ),
        ]
  const moved = metrics.filter(({ metric, change }) => change !== 0 && !/\.(low|high)$/.test(metric))
  const figure = (value: number | null, say = (known: number) => known.toFixed(4)) => (value === null ? '' : say(value))
  const verdict = (pass: boolean | null) => (pass === null ? '' : pass ? 'pass' : 'fail')
  const signed = (change: number) => `${change > 0 ? '+' : ''}${change.toFixed(4)}`
  return [
    `${from} and ${to}`,
    ...part(
      'made of',
      ['field', from, to],
      fields.map((field) => [field.field, clipped(field.from, VALUE_MAX), clipped(field.to, VALUE_MAX)]),
    ),
    ...part(
      'measured on what was held out of each',
      ['metric', from, to, 'change'],
      moved.map((one) => [one.metric, figure(one.from), figure(one.to), figure(one.change, signed)]),
    ),
    ...part(
      'gates',
      ['gate', from, to],
      gates.map((one) => [one.gate, verdict(one.from), verdict(one.to)]),
    ),
    ...part(
      'features',
      ['feature', from, to],
      [
        ...features.removed.map((name) => [name, 'reads it', '']),
        ...features.added.map((name) => [name, '', 'reads it']),
      ],
    ),
    ...part(
      'files',
      ['file', from, to],
      files.map((one) => [one.file, figure(one.from, bytes), figure(one.to, bytes)]),
    ),
    dim('--json has whole values and intervals'),
  ].join('\n')
}
