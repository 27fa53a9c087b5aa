import { bytes, count, counted, moment } from './figures.ts'
import { metricsView } from './metrics-view.ts'
import type { Context } from './context.ts'
import { facts } from './table.ts'
import type { Terminal } from './terminal.ts'
import { gatesView } from './train.ts'

type Registry = ReturnType<Awaited<ReturnType<Context['rooms']['app']>>['openRegistry']>
type Manifest = ReturnType<Registry['show']>

/**
 * What a person asks of a version: where it stands, what it learnt from, whether it passed, how good it is. `shadow`: how what
 * is in the shadow of its model compares, when that concerns it.
 */
export function manifestView(terminal: Terminal, manifest: Manifest, shadow?: string): string {
  const { bold, dim, green } = terminal.colours
  const { name, kind, version, state, createdAt, code, seed, data, features, files, parents, gates, metrics } = manifest
  const size = files.reduce((sum, file) => sum + file.bytes, 0)
  return [
    facts(terminal, [
      ['version', `${name} ${version}, ${state === 'live' ? green(state) : state}`],
      ...(shadow === undefined ? [] : [['in the shadow', shadow] as const]),
      ['kind', kind],
      ['made', `${moment(createdAt)} by version ${code}, seed ${seed}`],
      [
        'learnt from',
        `${data.samples}: ${counted(data.examples, 'example')}, log entries ${count(data.from)} to ${count(data.until)}`,
      ],
      ...(parents.length > 0 ? [['made from', parents.join(', ')] as const] : []),
      ['features', features.names.length > 0 ? `${count(features.names.length)}, digest ${features.digest}` : 'none'],
      ['files', `${count(files.length)}, together ${bytes(size)}`],
    ]),
    bold('gates'),
    gatesView(terminal, gates),
    ...(Object.keys(metrics).length > 0 ? [bold('measured on what was held out'), metricsView(terminal, metrics)] : []),
    dim('--json has the whole manifest: settings, inputs, outputs, digests of the files'),
  ].join('\n')
}
