import type { Deadline, Random } from '../../foundation/base/index.ts'
import type { Rule, SurfaceConfig } from '../../domain/index.ts'

/** The user on whose behalf a request is made, hydrated. */
export interface Viewer {
  /** Row of the user, or -1: unknown or anonymous. */
  readonly row: number
  readonly id: string | undefined
  /** May the history be used? False for unknown users and those who opted out. */
  readonly personal: boolean
  /** Items in the history; 0 is a cold user. */
  readonly historyLength: number
  /** Years; -1 when unknown. */
  readonly age: number
  /** Age band, see `ageBand`. */
  readonly band: number
  /** Rows in the catalogue's tables, or -1. `creator`: the viewer's own, when they make items. */
  readonly country: number
  readonly language: number
  readonly creator: number
  /** Code of the country they are in, upper case; undefined when nobody knows. It may be one that the catalogue never names. */
  readonly from?: string | undefined
  /** The language to speak to them in, lower case; undefined when nobody knows. */
  readonly speaks?: string | undefined
}

/** What is counted of a query once its slate is made. Plain: it can go from thread to thread. */
export interface QueryFacts
  extends Readonly<Pick<Query, 'id' | 'surface' | 'viewer' | 'item' | 'text' | 'offset' | 'rule' | 'excluded'>> {
  readonly plan: Pick<SurfaceConfig, 'needs'>
}

/** A request, parsed and hydrated: all that any stage may look at. */
export interface Query {
  /** Id of the slate to be. */
  readonly id: string
  readonly surface: string
  readonly plan: SurfaceConfig
  readonly viewer: Viewer
  /** The moment of the request, in milliseconds: what "now" means to every stage. */
  readonly at: number
  /** Items wanted. */
  readonly limit: number
  /** Row of the item that the slate follows, or -1. */
  readonly item: number
  /** The search text, or empty. */
  readonly text: string
  readonly device: string
  /** Item rows that the request excludes. */
  readonly excluded: readonly number[]
  /** Hashes (`hash32`) of the ids that were on earlier pages of this scroll. */
  readonly shown: ReadonlySet<number>
  /** Position of this page's first item in the scroll, from 0. */
  readonly offset: number
  readonly rule: Rule | undefined
  /** Might anybody have asked the same, and is it no matter which of their scores are used? Default no. */
  readonly shared?: boolean
  /** Milliseconds between the arrival of the request and the start of the work on it. */
  readonly waitedMs: number
  readonly deadline: Deadline
  /** A seeded generator of its own for each purpose: equal requests draw equal lots. */
  random(purpose: string): Random
}
