import type { TSchema } from 'typebox'
import {
  Event,
  Item,
  Rule,
  Slate,
  SlateItem,
  SlateRequest,
  StageReport,
  StageStatus,
  User,
} from '../../domain/index.ts'
import { Failure, Rejected, EventsReport, UpsertReport, ErasureReport, UserView } from './reports.ts'
import { SimilarItem, SimilarItems, Explanation, PortfolioReport } from './explanation.ts'
import { Health, Readiness, EngineStatus, Change, Minute, Trouble, Observations } from './status.ts'
import { StoredEvent } from './questions.ts'

export * from './explanation.ts'
export * from './faults.ts'
export * from './questions.ts'
export * from './reports.ts'
export * from './status.ts'

/** The schemas that have a name in the API document; the others are written where they are used. */
export const named: Readonly<Record<string, TSchema>> = {
  Failure,
  Slate,
  SlateItem,
  SlateRequest,
  StageReport,
  StageStatus,
  Rule,
  Event,
  StoredEvent,
  EventsReport,
  Rejected,
  Item,
  User,
  UserView,
  UpsertReport,
  ErasureReport,
  SimilarItem,
  SimilarItems,
  Explanation,
  PortfolioReport,
  Health,
  Readiness,
  EngineStatus,
  Observations,
  Change,
  Minute,
  Trouble,
}
