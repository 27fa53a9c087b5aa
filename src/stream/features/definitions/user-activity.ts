import { DAY, HOUR, MINUTE, SECOND } from '../../../foundation/base/index.ts'
import { withinDay } from '../windows.ts'
import { type DefinitionMaker, fillSame, ranges } from '../definition.ts'
import { logCount } from '../log-count.ts'

const spans = { '5m': 5 * MINUTE, '1h': HOUR, '24h': DAY }
const IDLE_MAX = 30 * DAY

export const userActivity: DefinitionMaker = ({ histories, sessions }) => ({
  name: 'user.activity',
  entity: 'user',
  dims: [
    'user.history',
    ...Object.keys(spans).map((span) => `user.consumed.${span}`),
    'session.length',
    'session.minutes',
    'session.idle',
  ],
  daily: withinDay.map((span) => `user.consumed.${span}`),
  range: ranges.log,
  say: 'log(1 + n) of items in the history (at most 50), of those consumed in the last 5 m, 1 h, 24 h, and of actions and minutes of the running session; log(1 + seconds) since the last action, at most 30 days, which also stands for never.',
  fill(ask, rows, out, stride, offset) {
    const { user, at } = ask
    const length = histories.length(user)
    const values = [logCount(length)]
    for (const span of Object.values(spans)) {
      let back = 0
      while (back < length && histories.at(user, back) > at - span) back++
      values.push(logCount(back))
    }
    const idle = sessions.idle(user, at)
    values.push(logCount(sessions.actions(user, at)), Math.log1p(sessions.duration(user, at) / MINUTE))
    values.push(Math.log1p((idle < 0 ? IDLE_MAX : Math.min(IDLE_MAX, idle)) / SECOND))
    for (const value of values) fillSame(value, rows.length, out, stride, offset++)
  },
})
