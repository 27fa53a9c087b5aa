import type { RungRow, RungsReport } from '../app/index.ts'
import { counted, percent } from './figures.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** A figure of the configuration that is further than this from what was measured is marked. */
const OFF = 0.05

/** What each rung is worth: as the configuration says and, where truth is known, as it is. */
export function rungsView(terminal: Terminal, { rows, measured }: RungsReport): string {
  const { dim, yellow } = terminal.colours
  const configured = rows.map(({ name, standing, configured: said }) => [
    name,
    standing ? optionOf(standing) : '',
    said === undefined ? '' : percent(said, 0),
  ])
  const columns = [{ head: 'order' }, { head: 'ladder.quality' }, { head: 'configured', right: true }]
  if (!measured)
    return [
      table(terminal, columns, configured),
      yellow('Nothing was measured: this is no simulated platform, and nobody knows what a slate is truly worth.'),
    ].join('\n')
  const { users, items, viewers, models, full, quality } = measured
  const named = Object.entries(models).map(([model, version]) => `${model} ${version}`)
  const told = rows.map((row, i) => [
    ...(configured[i] ?? []),
    worthOf(terminal, row),
    Object.keys(row.rungs ?? {}).join(', '),
  ])
  return [
    table(terminal, [...columns, { head: 'measured', right: true }, { head: 'seen as' }], told),
    `${counted(viewers, 'viewer')} of ${counted(users, 'user')} were asked for, of ${counted(items, 'item')}; shares are of whole slates for the same viewers, with the 95 % interval.`,
    `Whole slates are worth ${percent(full)} of the best there are. Models: ${named.join(', ') || 'none; rules set by hand rank, so byHand does not apply'}.`,
    dim(
      'Measured with all the time in the world, at the end of the history; a figure of the configuration that is off is marked.',
    ),
    'For the configuration, as measured here:',
    JSON.stringify({ ladder: { quality } }, undefined, 2),
  ].join('\n')
}

/** "withoutFeatures.degraded" */
function optionOf({ rung, byHand, withoutFeatures }: NonNullable<RungRow['standing']>): string {
  return `${byHand ? 'byHand.' : ''}${withoutFeatures ? 'withoutFeatures.' : ''}${rung}`
}

function worthOf({ colours }: Terminal, { worth, configured, standing, rungs = {} }: RungRow): string {
  if (!worth) return ''
  const { value, low, high } = worth
  const range = low === null || high === null ? '' : ` (${percent(low)} to ${percent(high)})`
  const told = `${percent(value)}${range}`
  // Seen on other rungs, for want of such a model, it says nothing of the figure.
  const slates = Object.values(rungs).reduce((sum, some) => sum + some, 0)
  const isSeen = standing !== undefined && (rungs[standing.rung] ?? 0) > slates / 2
  const isOff = isSeen && configured !== undefined && Math.abs(Math.min(1, value) - configured) > OFF
  return isOff ? colours.yellow(`${told} *`) : told
}
