import { MINUTE } from '../../foundation/base/index.ts'
import type { Change, FaultPoint } from '../../app/index.ts'
import { general, type Layer } from './layers.ts'
import type { Sign, SignName } from './signs.ts'

/** A change is a suspect when it came at most so long before the trouble, or so little after: minutes have edges. */
const BEFORE_MS = 10 * MINUTE
const AFTER_MS = MINUTE
/** Nearer ones come before others. */
const NEAR_MS = 2 * MINUTE

/** What strikes where, by the names of injected faults. */
export type Faults = Readonly<Record<string, { readonly at: FaultPoint }>>

/** Kinds of changes that can bring about a sign, likeliest first. */
const likely: Readonly<Record<SignName, readonly Change['kind'][]>> = {
  'disk full': ['fault'],
  errors: ['fault', 'version', 'configuration', 'model', 'index', 'start'],
  'stage fails': ['fault', 'model', 'index', 'configuration', 'shadow', 'version', 'start'],
  'over budget': ['fault', 'model', 'index', 'shadow', 'configuration', 'version', 'start'],
  shed: ['fault', 'model', 'index', 'shadow', 'configuration', 'version', 'start'],
  degraded: ['fault', 'index', 'model', 'configuration', 'shadow', 'version', 'start'],
  'source fails': ['fault', 'index', 'model', 'configuration', 'version', 'start'],
  'source dried up': ['fault', 'index', 'model', 'configuration', 'version'],
  'event late': ['fault', 'configuration', 'version', 'start'],
  'slates not kept': ['fault', 'configuration', 'version', 'start'],
  'events rejected': ['fault', 'configuration', 'version'],
  'workers end': ['fault', 'model', 'configuration', 'version'],
  'workers missing': ['fault', 'model', 'configuration', 'version', 'start'],
  'processor short': ['start'],
  'loop blocked': ['fault', 'version', 'configuration', 'model', 'shadow', 'start'],
  'memory grows': ['fault', 'version', 'configuration', 'model', 'shadow', 'index'],
  slower: ['fault', 'model', 'index', 'shadow', 'configuration', 'version', 'start'],
  'clicks fall': ['model', 'configuration', 'index', 'version'],
  'scores drift': ['model', 'configuration', 'version'],
  'features drift': ['version', 'configuration', 'model'],
  uncalibrated: ['model', 'configuration', 'version'],
}

/** Where an injected fault shows, beside what is general. */
const struck: Readonly<Record<FaultPoint, Layer>> = {
  features: 'features',
  index: 'retrieval',
  source: 'retrieval',
  retrieval: 'retrieval',
  coarse: 'coarse',
  fine: 'fine',
  degraded: 'fine',
  journal: 'event log',
  served: 'served log',
  slate: 'queue',
  worker: 'workers',
}

/** Where options show, by the beginning of their path, and in what is general; the first that fits counts. Others may show anywhere. */
const shaped: readonly (readonly [path: string, layers: readonly Layer[]])[] = [
  ['features', ['features']],
  ['retrieval', ['retrieval']],
  ['ranking.coarse', ['coarse']],
  ['ranking', ['fine', 'coarse']],
  ['objective', ['shown']],
  ['events.servedLog', ['served log']],
  ['events', ['event log', 'served log']],
  ['learning', ['process', 'shown']],
  ['server.workers', ['workers', 'queue', 'process']],
  ['sentences', []],
]
/** Options that show nowhere but there. */
const confined: readonly (readonly [path: string, layers: readonly Layer[]])[] = [
  ['server.traces', ['process']],
  ['server.workers', general],
  ['server', ['interface']],
]

const isUnder = (option: string, path: string) => option === path || option.startsWith(`${path}.`)

/** Sources that a model of their name stands behind. */
const retrievalModels = new Set(['two-tower', 'sequence'])

/** 2: it is about just this, 1: it can show there, 0: it cannot. */
function bearing({ kind, subject, to = '' }: Change, sign: Placed, faults: Faults): 0 | 1 | 2 {
  const { layer } = sign
  const isAny = general.includes(layer)
  const of = (layers: readonly Layer[]) => (layers.includes(layer) ? 2 : isAny ? 1 : 0)
  const [name = subject] = subject.split(' ') // "two-tower index"
  switch (kind) {
    case 'fault':
      return of(to.split(', ').flatMap((fault) => (faults[fault] ? [struck[faults[fault].at]] : [])))
    case 'index':
      return ofSource(name, sign, of([]))
    case 'model':
      if (retrievalModels.has(name)) return ofSource(name, sign, of([]))
      return of(name === 'coarse' ? ['coarse'] : ['fine'])
    case 'shadow':
      return layer === 'event log' || layer === 'served log' ? 0 : 1
    case 'configuration': {
      const only = confined.find(([path]) => isUnder(subject, path))
      if (only && !only[1].includes(layer)) return 0
      const at = shaped.find(([path]) => isUnder(subject, path))
      return at ? of(at[1]) : 1
    }
    default:
      return 1
  }
}

/** What a change of a source can show in: where it is `elsewhere`, in what is told of it, and in retrieval as a whole. */
function ofSource(source: string, { sign, layer, subject }: Placed, elsewhere: 0 | 1 | 2): 0 | 1 | 2 {
  if (layer !== 'retrieval') return elsewhere
  if (subject.split(', ').includes(source)) return 2
  return sign === 'source fails' ? 0 : 1
}

interface Placed extends Sign {
  readonly layer: Layer
}

/**
 * Changes that came at the time, can show there and are still in effect. Of what was changed several times around then,
 * the change nearest to the beginning of the trouble; of injected faults those that are injected now.
 */
export function suspectsOf(sign: Placed, since: number, changes: readonly Change[], faults: Faults): Change[] {
  const order = likely[sign.sign]
  const noted = new Map(changes.map((change) => [change, momentOf(change, changes)]))
  const distance = (change: Change) => Math.abs((noted.get(change) ?? change.at) - since)
  const inTime = changes.filter(({ at }) => at >= since - BEFORE_MS && at <= since + AFTER_MS)
  const nearest = new Map<string, Change>()
  for (const change of inTime) {
    const key = `${change.kind} ${change.subject}`
    const other = nearest.get(key)
    if (!other || distance(change) <= distance(other)) nearest.set(key, change)
  }
  return [...nearest.values()]
    .flatMap((change) => inEffect(change, changes))
    .filter((change) => order.includes(change.kind) && bearing(change, sign, faults) > 0)
    .sort(
      (a, b) =>
        Number(distance(a) > NEAR_MS) - Number(distance(b) > NEAR_MS) ||
        Number(isReturn(a, changes)) - Number(isReturn(b, changes)) ||
        bearing(b, sign, faults) - bearing(a, sign, faults) ||
        order.indexOf(a.kind) - order.indexOf(b.kind) ||
        isRest(a) - isRest(b) ||
        distance(a) - distance(b),
    )
}

/** The change when it has not been taken back since. Faults replace each other: those of now count. */
function inEffect(change: Change, changes: readonly Change[]): Change[] {
  if (change.kind === 'start' || change.kind === 'stop') return [change]
  const last = changes.findLast(({ kind, subject }) => kind === change.kind && subject === change.subject) ?? change
  if (change.kind === 'fault') return last.to === undefined ? [] : [last]
  return last !== change && last.to === change.from ? [] : [change]
}

/** Did it go back to what was before? Somebody wanted that: others are likelier. */
export function isReturn(change: Change, changes: readonly Change[]): boolean {
  const { kind, subject, to } = change
  if (kind === 'fault') return false // the same may be injected again
  const earlier = changes.slice(0, changes.indexOf(change))
  return earlier.some((one) => one.kind === kind && one.subject === subject && one.from === to)
}

/** Options are noted one after the other when the server starts: all of one start came at the same moment. */
function momentOf(change: Change, changes: readonly Change[]): number {
  if (change.kind !== 'configuration' && change.kind !== 'version') return change.at
  return changes.findLast(({ kind, at }) => kind === 'start' && at <= change.at)?.at ?? change.at
}

/** Options that were too many to name come after those that are: nobody can set them back by that. */
const isRest = ({ kind, subject }: Change): number => Number(kind === 'configuration' && subject === 'others')
