import type { Change, EngineStatus } from '../../app/index.ts'
import type { Finding } from './finding.ts'
import type { SignName } from './signs.ts'

/** What to do about a finding. */
export interface Advice {
  readonly action: 'roll back' | 'mitigate' | 'wait'
  readonly because: string
  /** Commands to run, or an option to set; in order. */
  readonly steps: readonly string[]
}

/** After a start code is still being compiled and caches are empty. */
const WARM_MS = 5 * 60_000
/** What that can explain. */
const coldSigns: readonly SignName[] = ['over budget', 'slower', 'loop blocked']

/** Back to what was before when a change is the suspect; else what makes the trouble smaller. */
export function adviceFor(finding: Finding, status: EngineStatus, data: string | undefined): Advice {
  const suspect = finding.suspects[0]
  const folder = data ?? 'ITS_DATA_FOLDER'
  const undo = suspect && undoing(suspect, finding, folder)
  if (undo) {
    const because = `${finding.say}, since ${clock(finding.since)}; at ${clock(suspect.at)} ${suspect.say}`
    return { action: 'roll back', because, steps: undo }
  }
  if (suspect?.kind === 'start' && status.uptimeSeconds * 1000 < WARM_MS && coldSigns.includes(finding.sign))
    return {
      action: 'wait',
      because: `${finding.say}; the server started ${Math.round(status.uptimeSeconds)} s ago and is still warming up`,
      steps: onFolder(
        ['sluice triage   # again in five minutes', ...mitigations[finding.sign](finding, folder)],
        folder,
      ),
    }
  const nothing = suspect ? '' : '; nothing that could explain it changed at that time'
  return {
    action: 'mitigate',
    because: `${finding.say}, since ${clock(finding.since)}${nothing}`,
    steps: onFolder(mitigations[finding.sign](finding, folder), folder),
  }
}

/** Commands that ask about a platform are to ask about this one: they are run as they stand. */
function onFolder(steps: readonly string[], folder: string): readonly string[] {
  return steps.map((step) => {
    const [command = '', ...why] = step.split('   #')
    const asks = /^sluice (portfolio|status|top|triage|explain)\b/.test(command) && !command.includes('--data')
    return asks ? [`${command} --data ${folder}`, ...why].join('   #') : step
  })
}

/** The way back, or undefined when there is none. */
function undoing({ kind, subject, from, to }: Change, finding: Finding, folder: string): readonly string[] | undefined {
  switch (kind) {
    case 'model':
      if (from === undefined) return undefined // the first version: there is nothing to go back to
      return [`sluice models rollback ${subject} --data ${folder} --why "triage: ${finding.sign} ${finding.subject}"`]
    case 'index':
      if (from === undefined) return undefined
      // Its subject is the source and the word: "two-tower index". Over another version of the model it goes back with that.
      return [
        `sluice ${from.split('@')[0] === to?.split('@')[0] ? 'index' : 'models'} rollback ${subject.split(' ')[0]} --data ${folder} --why "triage: ${finding.sign} ${finding.subject}"`,
      ]
    case 'shadow':
      // Its subject is the model and the word: "bst-isolated shadow".
      return to === undefined ? undefined : [`sluice models shadow ${subject.split(' ')[0]} --off --data ${folder}`]
    case 'configuration':
      return [
        `set ${subject} back to ${from ?? 'its default'} in the configuration`,
        `sluice up --data ${folder}   # restart`,
      ]
    case 'fault':
      return to === undefined ? undefined : [`sluice faults --off --data ${folder}`]
    case 'version':
      return from === undefined ? undefined : [`install Sluice ${from} again`, `sluice up --data ${folder}   # restart`]
    default:
      return undefined
  }
}

/** "home/fine" -> ["home", "fine"] */
const parts = (layer: string) => layer.split('/') as [string, string | undefined]

/** What helps while the cause is not known. */
const mitigations: Readonly<Record<SignName, (finding: Finding, folder: string) => readonly string[]>> = {
  'disk full': (_, folder) => [
    `df -h ${folder}   # which disk, and how full`,
    'make room there: the server goes on by itself, and nothing that it acknowledged is lost',
    'have clients send again, with the same ids, what was answered 503',
  ],
  errors: () => ['look for the incident in the log lines of the server (standard error)', 'sluice status'],
  'over budget': ({ subject }) => faster(subject),
  slower: ({ subject }) => faster(subject),
  degraded: ({ subject }) => [
    `sluice explain SLATE_ID   # of a slate with rung ${subject}: which stage or source was it?`,
    'sluice portfolio   # sources that are late or fail',
    ...(subject === 'cached' || subject === 'popular' ? [moreThreads] : []),
  ],
  'source fails': ({ subject }) => [
    'sluice portfolio',
    `take ${subject} out of surfaces.*.sources in the configuration until it is mended`,
  ],
  'source dried up': ({ subject }, folder) => [
    `sluice models list --data ${folder}   # is the model behind ${subject} live?`,
    'sluice portfolio',
  ],
  'event late': () => ['sluice status   # how many events wait for the disk', 'look at the disk: is it full or slow?'],
  'events rejected': () => [
    'look at the codes in the answers to POST /v1/events: one kind of client is usually behind it',
  ],
  'workers end': () => workersSteps,
  'workers missing': () => workersSteps,
  'loop blocked': () => ['sluice top   # which stage takes long', 'give the process a core of its own'],
  'memory grows': (_, folder) => [
    'sluice status   # which part of the state grows',
    'lower what is kept: ranking.scoreCache.entries, events.duplicateWindow',
    `sluice up --data ${folder}   # a restart gives the memory back, and loses nothing`,
  ],
  'clicks fall': () => [
    'sluice portfolio   # which source lost its clicks',
    'check that clients still send impressions and clicks',
  ],
  'scores drift': (_, folder) => [`sluice train all --data ${folder}`],
  'features drift': ({ subject }, folder) => [
    `find out what changed about ${subject}: a client that sends something else, a part of the catalogue that came or went`,
    `sluice train all --data ${folder}   # when the world itself has moved`,
  ],
  uncalibrated: (_, folder) => [`sluice train all --data ${folder}`],
}

const workersSteps = [
  'look for "a thread that makes slates has ended" in the log lines of the server: they say why',
  'sluice status   # which worker it is',
  'set server.workers to 0 and restart: the server then makes the slates itself',
]

/** What answers shed slates where requests queue. */
const moreThreads = 'set server.workers, at most one fewer than there are cores   # do requests queue for one thread?'

function faster(layer: string): string[] {
  const [surface, stage] = parts(layer)
  if (stage === 'retrieve')
    return ['sluice portfolio   # sources that do not earn their time', `take them out of surfaces.${surface}.sources`]
  return [
    `rank fewer candidates: surfaces.${surface}.rank: 120 in the configuration`,
    moreThreads,
    'sluice plan capacity --from ADDRESS --qps RATE   # are there enough cores?',
  ]
}

function clock(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`
}
