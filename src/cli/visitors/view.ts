import { count, counted, percent, seconds } from '../figures.ts'
import { facts } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import type { DriveReport } from './drive.ts'

/** What the visitors are doing, in one line. */
export function visitorsLine({ sessions, events, ctr, satisfaction, errors }: DriveReport): string {
  const failed = failures(errors)
  return [
    `visitors: ${counted(sessions, 'session')}`,
    counted(events, 'event'),
    `CTR ${percent(ctr)}`,
    `satisfaction ${satisfaction.toFixed(2)}`,
    ...(failed > 0 ? [counted(failed, 'failure')] : []),
  ].join(', ')
}

/** What came of it, for a person. */
export function visitorsView(terminal: Terminal, report: DriveReport): string {
  const { users, returned, sessions, slates, impressions, clicks, ctr, watchSeconds, satisfaction } = report
  const { events, untold, published, days, errors } = report
  return facts(terminal, [
    ['visitors', `${counted(users, 'user')}, ${percent(returned)} came more than once`],
    ['sessions', `${count(sessions)}, ${counted(slates, 'slate')}, in ${days.toFixed(1)} days of their time`],
    ['events', untold > 0 ? `${count(events)}, and ${count(untold)} that stayed untold` : count(events)],
    ['clicks', `${count(clicks)} of ${counted(impressions, 'impression')}: CTR ${percent(ctr)}`],
    ['watched', seconds(watchSeconds)],
    ['satisfaction', `${satisfaction.toFixed(3)} of 1 per watch (the planted truth: no event carries it)`],
    ['published', counted(published, 'new item')],
    ...(failures(errors) > 0
      ? ([
          [
            'failures',
            Object.entries(errors)
              .map(([code, n]) => `${code} ${count(n)}`)
              .join(', '),
          ],
        ] as const)
      : []),
  ])
}

function failures(errors: DriveReport['errors']): number {
  return Object.values(errors).reduce((sum, n) => sum + n, 0)
}
