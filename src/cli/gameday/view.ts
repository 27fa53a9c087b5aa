import { count, milliseconds, percent, seconds } from '../figures.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import type { WorthShare } from '../../world/index.ts'
import { PROCESSOR_WAIT } from '../triage/signs.ts'
import { RECOVERY_MAX, type SceneReport } from './play.ts'

/** Rungs with a smaller share are not told. */
const SHARE_MIN = 0.005

export function gamedayView(terminal: Terminal, scenes: readonly SceneReport[]): string {
  const { red, green } = terminal.colours
  const healthy = scenes[0]
  const rows = scenes.map((scene) => [
    scene.name,
    count(scene.slates),
    failures(scene) > 0 ? red(count(failures(scene))) : green('0'),
    scene.eventsHeldBack > 0 ? count(scene.eventsHeldBack) : '',
    milliseconds(scene.p50),
    milliseconds(scene.p99),
    rungsOf(scene),
    shareView(scene.share.ndcg),
    shareView(scene.share.value),
    scene === healthy ? '' : scene.recoverySeconds === null ? red('not yet') : seconds(scene.recoverySeconds),
  ])
  const right = (head: string) => ({ head, right: true })
  const columns = [
    { head: 'fault' },
    right('slates'),
    right('errors'),
    right('events held back'),
    right('p50 ms'),
    right('p99 ms'),
    { head: 'rungs' },
    right('NDCG'),
    right('worth'),
    right('recovers in'),
  ]
  const broken = scenes.flatMap(({ quality }) => quality.examples)
  const errors = scenes
    .filter((scene) => failures(scene) > 0)
    .map((scene) => `${scene.name}: ${JSON.stringify(scene.errors)}`)
  return [
    table(terminal, columns, rows),
    'NDCG and worth: by the planted truth, against whole slates of the same users right before, with the 95 % interval.',
    ...broken.map((one) => red(`rule broken: ${one}`)),
    ...errors.map((one) => red(one)),
    ...scenes
      .filter(isLost)
      .map(({ name }) => red(`${name}: the usual rungs were not back ${RECOVERY_MAX} s after it`)),
    ...(scenes.some(isBad)
      ? []
      : [green('As designed: nothing failed, no rule was broken, the usual rungs came back.')]),
    ...busyView(scenes),
  ].join('\n')
}

const isLost = ({ recoverySeconds }: SceneReport) => recoverySeconds === null

/** Did something fail that should not, or not come back? */
export const isBad = (scene: SceneReport): boolean => failures(scene) > 0 || isLost(scene)

/** On a machine that has no core to spare a part that is well is late, too. */
function busyView(scenes: readonly SceneReport[]): string[] {
  const busy = scenes.filter(({ processorWait = 0 }) => processorWait > PROCESSOR_WAIT)
  if (busy.length === 0) return []
  const which =
    busy.length === scenes.length ? 'every scene' : `${count(busy.length)} of ${count(scenes.length)} scenes`
  return [
    `In ${which} the server waited for a core more than ${percent(PROCESSOR_WAIT, 0)} of the time that it had work: their times, rungs and recoveries are those of a busy machine.`,
  ]
}

/** Requests that failed otherwise than designed, and slates that broke a rule. */
function failures({ errors, quality }: SceneReport): number {
  return Object.values(errors).reduce((sum, some) => sum + some, 0) + quality.broken
}

function shareView(share: WorthShare): string {
  if (!share) return ''
  const spread = share.low === null || share.high === null ? '' : ` ± ${(50 * (share.high - share.low)).toFixed(0)}`
  return `${percent(share.value, 0)}${spread}`
}

function rungsOf({ rungs }: SceneReport): string {
  return Object.entries(rungs)
    .filter(([, share]) => share >= SHARE_MIN)
    .sort(([, a], [, b]) => b - a)
    .map(([rung, share]) => `${rung} ${percent(share, 0)}`)
    .join(', ')
}
