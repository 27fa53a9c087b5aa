import type { Change, EngineStatus } from '../../app/index.ts'
import type { Finding } from './finding.ts'
import type { Layer } from './layers.ts'
import { atServer, freeSpace, inFolder, type Place, restart } from './place.ts'
import type { SignName } from './signs.ts'

/** What is known when advice is given. */
export interface Known {
  readonly at: number
  readonly status: EngineStatus
  readonly place: Place
  /** Of the last day, oldest first. */
  readonly changes: readonly Change[]
  /** Slates per second now. */
  readonly rate: number
}

type Steps = readonly string[]
type Help = (finding: Finding, known: Known) => Steps

/** What helps while the cause is not known: commands to run as they stand, or what to do by hand. */
export function mitigationsOf(finding: Finding, known: Known): Steps {
  return help[finding.sign](finding, known)
}

/** What a rung or a stage that fails asks for, by where that is. */
const atLayer: Readonly<Partial<Record<Layer, Help>>> = {
  retrieval: (_, { place }) => [atServer('sluice portfolio', place, 'sources that are late or fail')],
  coarse: (_, { place }) => [
    inFolder('sluice models list', place, 'is the coarse model live, and since when?'),
    'set ranking.coarse to bootstrap in the configuration: the ranker set by hand needs no model',
    restart(place),
  ],
  features: (_, { place }) => [
    'if features.store names a store: does it answer, and is it kept up to date?',
    'set features.store to embedded in the configuration: features then come from this process',
    restart(place),
  ],
  fine: (_, { place }) => [
    inFolder('sluice models list', place, 'which version ranks, and since when?'),
    'set ranking.fine to bootstrap in the configuration: the ranker set by hand needs no model',
    restart(place),
  ],
  queue: (finding, known) => help.shed(finding, known),
}

const help: Readonly<Record<SignName, Help>> = {
  'disk full': (_, { place }) => [
    freeSpace(place),
    'make room there: the server goes on by itself, and nothing that it acknowledged is lost',
    'have clients send again, with the same ids, what was answered 503',
  ],
  errors: ({ layer }, { place }) =>
    layer === 'event log'
      ? [...disk(place), 'clients that are told retry-after send them again: what was acknowledged is not lost']
      : [
          'look for the incident in the log lines of the server (standard error)',
          atServer('sluice status', place, 'is it ready?'),
        ],
  'stage fails': (finding, known) => [
    ...explained(finding, known),
    ...(atLayer[finding.layer]?.(finding, known) ?? []),
  ],
  degraded: (finding, known) => [...explained(finding, known), ...(atLayer[finding.layer]?.(finding, known) ?? [])],
  'source fails': (finding, known) => [
    ...explained(finding, known),
    atServer('sluice portfolio', known.place, 'sources that are late or fail'),
    ...(/two-tower|sequence/.test(finding.subject)
      ? [inFolder('sluice index list', known.place, 'which index serves, and what became of others')]
      : []),
    ...(finding.subject.includes(', ')
      ? [
          'indexes are built when the server starts: without a change to undo, a restart builds them anew',
          restart(known.place),
        ]
      : [`take ${finding.subject} out of surfaces.*.sources in the configuration until it is mended`]),
  ],
  shed: (_, { place, rate }) => [
    atServer('sluice top', place, 'which stage takes long, is the processor full?'),
    moreThreads,
    `sluice plan capacity --from ${place.url} --qps ${Math.max(1, Math.ceil(2 * rate))}   # are there enough cores for twice of it?`,
  ],
  'over budget': ({ subject }, known) => faster(subject, known),
  slower: ({ subject }, known) => faster(subject, known),
  'source dried up': ({ subject }, { place }) => [
    inFolder('sluice models list', place, `is the model behind ${subject} live?`),
    atServer('sluice portfolio', place),
  ],
  'event late': (_, { place }) => disk(place),
  'slates not kept': (_, { place }) => [freeSpace(place), 'look for the served log in the log lines of the server'],
  'events rejected': () => [
    'look at the codes in the answers to POST /v1/events: one kind of client is usually behind it',
  ],
  'workers end': workers,
  'workers missing': workers,
  'processor short': (_, { place, status, rate }) => [
    'look at what else runs on that machine (top), and move it, or lower its priority (renice 19 -p PID)',
    'in a container: raise its limit of processor; all that runs in it, trainings too, is stopped when that is used up',
    ...(status.learning?.state === 'training'
      ? ['set learning.train to false in the configuration, and train elsewhere: a training runs beside the server']
      : []),
    ...(status.workers ? ['set server.workers lower: at most one fewer than there are cores'] : []),
    enoughCores({ place, rate }),
  ],
  'loop blocked': (_, { place }) => [
    atServer('sluice top', place, 'which stage takes long'),
    'give the process a core of its own',
  ],
  'memory grows': (_, { place }) => [
    atServer('sluice status', place, 'which part of the state grows'),
    'lower what is kept: ranking.scoreCache.entries, events.duplicateWindow',
    `${restart(place)}: that gives the memory back, and loses nothing`,
  ],
  'clicks fall': (_, { place }) => [
    atServer('sluice portfolio', place, 'which source lost its clicks'),
    'check that clients still send impressions and clicks',
  ],
  'scores drift': (_, { place }) => [trained(place)],
  'features drift': ({ subject }, { place }) => [
    `find out what changed about ${subject}: a client that sends something else, a part of the catalogue that came or went`,
    inFolder('sluice train all', place, 'when the world itself has moved'),
  ],
  uncalibrated: (_, { place }) => [trained(place)],
}

const trained = (place: Place) => inFolder('sluice train all', place)

/** Takes apart the slate on which it was seen last. */
function explained({ latest }: Finding, { place }: Known): Steps {
  return latest?.slate === undefined
    ? []
    : [atServer(`sluice explain ${latest.slate}`, place, 'what each stage and source did on such a slate')]
}

function disk(place: Place): Steps {
  return [atServer('sluice status', place, 'how many events wait for the disk'), freeSpace(place)]
}

/** Those that have all ended, or are all missing, help nobody: that one was begun anew a moment ago says nothing. */
function workers({ value }: Finding, { place, status }: Known): Steps {
  const { ready = 0, wanted = 0 } = status.workers ?? {}
  return [
    'look for "a thread that makes slates has ended" in the log lines of the server: they say why',
    atServer('sluice status', place, 'which worker it is'),
    ...(ready > 0 && value < wanted
      ? [
          `${ready} of ${wanted} make the slates meanwhile; one that ends again and again is begun anew after 30 s at most`,
        ]
      : [
          'set server.workers to 0 in the configuration: the server then makes the slates itself, without being asked in vain',
          restart(place),
        ]),
  ]
}

const enoughCores = ({ place, rate }: Pick<Known, 'place' | 'rate'>): string =>
  `sluice plan capacity --from ${place.url} --qps ${Math.max(1, Math.ceil(rate))}   # are there enough cores?`

/** What answers shed slates where requests queue. */
const moreThreads =
  'set server.workers in the configuration, at most one fewer than there are cores, and restart: do requests queue for one thread?'

function faster(layer: string, { place, rate }: Known): Steps {
  const [surface, stage] = layer.split('/')
  if (stage === 'retrieve')
    return [
      atServer('sluice portfolio', place, 'sources that do not earn their time'),
      `take them out of surfaces.${surface}.sources in the configuration`,
    ]
  return [
    `rank fewer candidates: surfaces.${surface}.rank: 120 in the configuration`,
    moreThreads,
    enoughCores({ place, rate }),
  ]
}
