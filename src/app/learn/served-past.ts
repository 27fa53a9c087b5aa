import { existsSync } from 'node:fs'
import { SluiceError } from '../../foundation/base/index.ts'
import { openFileJournal } from '../../foundation/store/index.ts'
import { decodeFeatures, ServedReader } from '../../serving/served/index.ts'
import type { ServedFacts } from '../../stream/samples/index.ts'
import { folderOf } from '../folder.ts'

/** What a training took from the served log; goes into the manifest. */
export interface ServedReport {
  /** Slates that were asked for, and those that the log knew. */
  readonly asked: number
  readonly found: number
  /** Why it knew none, or none from some place on. */
  readonly without?: string
}

/**
 * What was served, as training reads it, beside a server that writes: the near misses of a slate, the propensities, and the
 * features of a slate that had them all. A slate that the log does not know - older than it, erased, served elsewhere - is
 * learned from without.
 */
export class ServedPast {
  private readonly reader: ServedReader | undefined
  private readonly missing: string | undefined

  private constructor(reader: ServedReader | undefined, missing?: string) {
    this.reader = reader
    this.missing = missing
  }

  /** A log that is missing or damaged is none: a server puts a damaged one aside at its next start. */
  static async open(data: string): Promise<ServedPast> {
    const { served } = folderOf(data)
    if (!existsSync(served)) return new ServedPast(undefined, 'nothing was logged')
    try {
      return new ServedPast(new ServedReader(await openFileJournal(served, { segmentBytes: 1, readOnly: true })))
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      return new ServedPast(undefined, error.message)
    }
  }

  get report(): ServedReport {
    const { asked = 0, found = 0 } = this.reader?.counts ?? {}
    const without = this.missing ?? this.reader?.damage
    return { asked, found, ...(without !== undefined && { without }) }
  }

  /** `digest`: of the features that samples are made of; others are read again. */
  facts(slate: string, digest: string): ServedFacts | undefined {
    const record = this.reader?.find(slate)
    if (!record) return undefined
    const whole = record.rung === 'full' && record.featureDigest === digest
    const items = record.items.map(({ item, propensity, explored, features }) => ({
      ...{ item, propensity, explored },
      ...(whole && { features: decodeFeatures(features) }),
    }))
    return { items, runnersUp: record.runnersUp }
  }

  near(slate: string): readonly string[] {
    return this.reader?.find(slate)?.runnersUp.map(({ item }) => item) ?? []
  }
}
