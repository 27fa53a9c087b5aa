import { DAY } from '../foundation/base/index.ts'
import type { Observations } from '../app/index.ts'
import type { Minute } from '../foundation/telemetry/index.ts'

/** Minutes asked for at once, the most that a server tells: it makes slates between two answers. */
const MINUTES_AT_ONCE = 240
/** Answers read at most: the last hour, and the day before it in parts. */
const ANSWERS_MAX = 8

/** What a server answers. An older one tells the whole day at once, and less of each minute. */
export type Answer = Partial<Omit<Observations, 'minutes'>> & {
  readonly minutes?: readonly (Partial<Minute> & Pick<Minute, 'at'>)[]
}

/** The last day of a server, read part by part. `ask` is given the query. */
export async function observedBy(ask: (query: string) => Promise<Answer>): Promise<Omit<Observations, 'from'>> {
  const latest = await ask('')
  const answers = [latest]
  const end = (latest.from ?? 0) - DAY
  for (let from = latest.from ?? end; from > end && answers.length < ANSWERS_MAX; ) {
    const answer = await ask(`?minutes=${MINUTES_AT_ONCE}&before=${from}`)
    answers.push(answer)
    from = answer.from ?? end
  }
  const inOrder = answers.toReversed()
  return {
    changes: inOrder.flatMap(({ changes = [] }) => changes),
    minutes: inOrder.flatMap(({ minutes = [] }) => minutes.map((minute) => ({ ...untold, ...minute }))),
    troubles: latest.troubles ?? [],
  }
}

/** What an older server does not tell of a minute is as if nothing of that kind had been. */
const untold: Omit<Minute, 'at'> = {
  ...{ seconds: 60, slates: 0, events: 0, timed: {}, p99: {}, p90: {}, p50: {}, rungs: {}, shed: 0 },
  ...{ stageFaults: {}, stageFailures: {}, sourceFaults: {}, sourceShares: {} },
  ...{ errors: 0, errorsBy: {}, servedLost: 0, rejected: 0, workersEnded: 0, workersMissing: 0 },
  ...{ pending: 0, memory: 0, loopLagP99: 0 },
}
