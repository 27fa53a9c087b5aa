import type { Change } from '../../app/index.ts'
import type { Finding } from './finding.ts'
import { type Known, mitigationsOf } from './mitigations.ts'
import { atServer, inFolder, restart } from './place.ts'
import type { SignName } from './signs.ts'
import { isReturn } from './suspects.ts'

/** What to do about a finding. */
export interface Advice {
  readonly action: 'roll back' | 'mitigate' | 'wait'
  readonly because: string
  /** Commands to run as they stand, or what to do by hand; in order. */
  readonly steps: readonly string[]
}

/** After a start code is still being compiled and caches are empty. */
const WARM_MS = 5 * 60_000
/** What that can explain. */
const coldSigns: readonly SignName[] = ['over budget', 'slower', 'loop blocked', 'shed', 'processor short']

/** What failed is tried again after 4 s at the latest, and some probes must succeed; a worker that ended, after 30 s. */
const RECOVERS_MS = 40_000
const recovering: readonly SignName[] = [
  ...(['stage fails', 'source fails', 'shed', 'degraded', 'workers end', 'workers missing'] as const),
]

/** Back to what was before when a change is the suspect; else what makes the trouble smaller. */
export function adviceFor(finding: Finding, known: Known): Advice {
  const { status, place } = known
  const ended = endedJustNow(finding, known)
  const [first] = finding.suspects
  for (const suspect of finding.suspects) {
    if (ended && suspect.at <= ended.at) continue
    const undo = undoing(suspect, finding, known)
    if (!undo) continue
    const because = `${finding.say}, since ${clock(finding.since)}; at ${clock(suspect.at)} ${suspect.say}`
    return { action: 'roll back', because, steps: undo }
  }
  if (ended)
    return {
      action: 'wait',
      because: `${finding.say}; what was injected on purpose ended a moment ago, and parts are tried again after some seconds`,
      steps: [atServer('sluice triage', place)],
    }
  const mitigations = mitigationsOf(finding, known)
  if (first?.kind === 'start' && status.uptimeSeconds * 1000 < WARM_MS && coldSigns.includes(finding.sign))
    return {
      action: 'wait',
      because: `${finding.say}; the server started ${Math.round(status.uptimeSeconds)} s ago and is still warming up`,
      steps: [atServer('sluice triage', place, 'again in five minutes'), ...mitigations],
    }
  const nothing = first ? '' : '; nothing that could explain it changed at that time'
  return {
    action: 'mitigate',
    because: `${finding.say}, since ${clock(finding.since)}${nothing}`,
    steps: mitigations,
  }
}

/** The end of what was injected on purpose, while its traces may last. */
function endedJustNow({ sign }: Finding, { changes, at }: Known): Change | undefined {
  const last = changes.findLast(({ kind }) => kind === 'fault')
  const isRecent = last !== undefined && last.to === undefined && at - last.at < RECOVERS_MS
  return isRecent && recovering.includes(sign) ? last : undefined
}

/** The way back, or undefined when there is none. */
function undoing(change: Change, finding: Finding, { status, place, changes }: Known): readonly string[] | undefined {
  const { kind, subject, from, to } = change
  const why = `--why "triage: ${finding.sign} ${finding.subject}"`
  const [name = subject] = subject.split(' ') // of an index or a shadow: "two-tower index"
  switch (kind) {
    case 'model': {
      if (from === undefined) return undefined // the first version: there is nothing to go back to
      // A rollback goes to what was live before what is live now: not to there when more came since, or this was one.
      const isLast = status.models[subject] === to && !isReturn(change, changes)
      return [inFolder(`sluice models ${isLast ? `rollback ${subject} ${why}` : `promote ${subject} ${from}`}`, place)]
    }
    case 'index': {
      if (from === undefined || isReturn(change, changes)) return undefined
      // Over another version of the model it goes back with that.
      const what = from.split('@')[0] === to?.split('@')[0] ? 'index' : 'models'
      return [inFolder(`sluice ${what} rollback ${name} ${why}`, place)]
    }
    case 'shadow':
      return to === undefined ? undefined : [inFolder(`sluice models shadow ${name} --off`, place)]
    case 'configuration':
      return [`set ${subject} back to ${from ?? 'its default'} in the configuration`, restart(place)]
    case 'fault':
      return to === undefined ? undefined : [atServer('sluice faults --off', place)]
    case 'version':
      return from === undefined ? undefined : [`install Sluice ${from} again`, restart(place)]
    default:
      return undefined
  }
}

function clock(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`
}
