import fs from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../../foundation/base/index.ts'
import { makeFolder, syncPath } from '../../foundation/store/index.ts'
import {
  type DenseVector,
  encodeDense,
  type EmbeddingTable,
  readCheckpoint,
  restoreDense,
  writeCheckpoint,
} from '../embeddings/index.ts'
import type { ParameterLayout } from '../graph/index.ts'
import { type RankingTables, type TableName, tableNames } from '../models/index.ts'

/** What a model learns: one flat vector and tables, which may be taken over from an older model. */
export interface Learned {
  readonly dense: DenseVector
  readonly tables: RankingTables
  readonly layout: ParameterLayout
}

/** Where a training stands, beside weights and tables. */
export interface TrainingPosition {
  /** Of the task: another task's checkpoint is refused. */
  readonly digest: string
  /** Epochs done. */
  epoch: number
  /** Steps done in the present epoch, and in all. */
  epochStep: number
  step: number
  /** Sum of the losses of the present epoch. */
  lossSum: number
  /** Examples learned from. */
  examples: number
  /** The epoch that validated best, from 1; 0 before the first. */
  bestEpoch: number
  /** Its value; higher is better. Null before the first, and where it has none. */
  bestValue: number | null
  /** Epochs since. */
  waited: number
  done: boolean
}

const PREFIX = 'step-'
const BEST = 'best'
/** What a checkpoint of the same name was called while the new one took its place. */
const BEFORE = '.before-'
const tableFile = (name: TableName): string => `${name}.table`

/**
 * Checkpoints of one training in a folder: the latest position, and the weights of the best epoch. A checkpoint is a
 * folder that gets its name when it is whole, so whoever is killed at any moment leaves the one before or the new one.
 */
export class Checkpoints {
  private readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    this.guarded(() => {
      makeFolder(folder)
      this.recover()
    })
  }

  save(position: TrainingPosition, { dense, tables }: Learned): void {
    const name = `${PREFIX}${String(position.step).padStart(9, '0')}`
    this.become(name, (path) => {
      fs.writeFileSync(path('dense'), encodeDense(dense), { flush: true })
      for (const table of tableNames) writeCheckpoint(tables[table], path(tableFile(table)))
      fs.writeFileSync(path('position.json'), JSON.stringify(position), { flush: true })
    })
    for (const old of this.steps()) if (old !== name) fs.rmSync(join(this.folder, old), { recursive: true })
  }

  /**
   * The latest position and its tables; the dense weights are put back by `restore`.
   * @throws SluiceError ERR_MODEL_INVALID for what is damaged or another training's
   */
  latest(
    digest: string,
  ): { position: TrainingPosition; tables: RankingTables; restore: (learned: Learned) => void } | undefined {
    const name = this.steps().at(-1)
    if (name === undefined) return undefined
    const path = (file: string) => join(this.folder, name, file)
    const [position, tables] = leftBehind(path(''), () => [
      JSON.parse(fs.readFileSync(path('position.json'), 'utf8')) as TrainingPosition,
      tablesOf((table) => readCheckpoint(path(tableFile(table)))),
    ])
    assertOwn(path(''), position, { digest })
    return { position, tables, restore: (learned) => restoreFrom(path('dense'), learned) }
  }

  saveBest({ dense, tables }: Learned): void {
    this.become(BEST, (path) => {
      fs.writeFileSync(path('dense'), encodeDense(dense), { flush: true })
      for (const table of tableNames) writeCheckpoint(tables[table], path(tableFile(table)))
    })
  }

  /** Puts the best dense weights into `learned` and gives it with the best tables. */
  best(learned: Learned): Learned {
    const path = (file: string) => join(this.folder, BEST, file)
    restoreFrom(path('dense'), learned)
    const tables = leftBehind(path(''), () => tablesOf((table) => readCheckpoint(path(tableFile(table)))))
    return { ...learned, tables }
  }

  private steps(): string[] {
    return fs
      .readdirSync(this.folder)
      .filter((name) => /^step-\d+$/.test(name))
      .sort()
  }

  private become(name: string, write: (path: (file: string) => string) => void): void {
    const draft = join(this.folder, `.${name}`)
    this.guarded(() => {
      fs.rmSync(draft, { recursive: true, force: true })
      fs.mkdirSync(draft)
      write((file) => join(draft, file))
      syncPath(draft) // the names of its files too, before it is called whole
      const [path, before] = [join(this.folder, name), join(this.folder, BEFORE + name)]
      if (fs.existsSync(path)) fs.renameSync(path, before)
      fs.renameSync(draft, path)
      syncPath(this.folder)
      fs.rmSync(before, { recursive: true, force: true })
    })
  }

  /** Whoever was killed while a new checkpoint took the place of another: the new one where it has the name, else the one before. */
  private recover(): void {
    for (const before of fs.readdirSync(this.folder).filter((name) => name.startsWith(BEFORE))) {
      const [path, old] = [join(this.folder, before.slice(BEFORE.length)), join(this.folder, before)]
      if (fs.existsSync(path)) fs.rmSync(old, { recursive: true })
      else fs.renameSync(old, path)
    }
  }

  private guarded(write: () => void): void {
    try {
      write()
    } catch (cause) {
      if (cause instanceof SluiceError) throw cause
      throw new SluiceError('ERR_DISK_WRITE', [`checkpoint in ${this.folder}`, (cause as Error).message], { cause })
    }
  }
}

/**
 * Reads what a training left behind.
 * @throws SluiceError ERR_MODEL_INVALID for what is damaged: such a training begins anew
 */
export function leftBehind<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new SluiceError('ERR_MODEL_INVALID', [path, `the checkpoint is damaged: ${(cause as Error).message}`], {
      cause,
    })
  }
}

/** @throws SluiceError ERR_MODEL_INVALID for a checkpoint of another training */
export function assertOwn(path: string, found: { readonly digest: string }, own: { readonly digest: string }): void {
  if (found.digest !== own.digest)
    throw new SluiceError('ERR_MODEL_INVALID', [path, 'it belongs to a training of another configuration or data'])
}

function restoreFrom(path: string, { dense }: Learned): void {
  leftBehind(path, () => restoreDense(dense, fs.readFileSync(path)))
}

function tablesOf(read: (table: TableName) => EmbeddingTable): RankingTables {
  return Object.fromEntries(tableNames.map((name) => [name, read(name)])) as Record<TableName, EmbeddingTable>
}

/** Begins a training. */
export const startOf = (digest: string): TrainingPosition => ({
  digest,
  epoch: 0,
  epochStep: 0,
  step: 0,
  lossSum: 0,
  examples: 0,
  bestEpoch: 0,
  bestValue: null,
  waited: 0,
  done: false,
})
