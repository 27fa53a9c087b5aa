import fs from 'node:fs'
import { SluiceError } from '../../../foundation/base/index.ts'
import { type DenseVector, encodeDense, readCheckpoint, restoreDense, writeCheckpoint } from '../../embeddings/index.ts'
import { type RankingTables, type TableName, tableNames } from '../../models/index.ts'
import type { Learned } from '../checkpoints.ts'
import { freshTables, type RankingConfig, rankingDefaults } from '../ranking/index.ts'
import { completeTwoTower, towerTables, type TwoTowerChoices, type TwoTowerRecipe } from '../two-tower/index.ts'
import type { FeatureSpec } from '../../models/index.ts'

/** Names of the files that let a registered version be trained on, beside those that serve. */
const CONFIG = 'training.json'
const DENSE = 'training.dense'
const tableFile = (name: TableName): string => `training-${name}.embeddings`

/** What a registered version must hold to be trained on: how it was trained, and all that its optimisers know. */
export interface Trainable<C = RankingConfig> {
  readonly config: C
  readonly tables: RankingTables
  /** Puts the dense weights and their optimiser's state into a vector of the same network. */
  restore(dense: DenseVector): void
}

/** Writes it into a draft. `path`: where a file goes. Tables without rows are left out: they begin afresh. */
export function writeTrainable(
  config: RankingConfig | TwoTowerRecipe,
  { dense, tables }: Learned,
  path: (file: string) => string,
): void {
  write(path(CONFIG), JSON.stringify(config))
  write(path(DENSE), encodeDense(dense))
  for (const name of tableNames) if (tables[name].size > 0) writeCheckpoint(tables[name], path(tableFile(name)))
}

/** Can the version with these files be trained on? */
export const isTrainable = (files: readonly { readonly name: string }[]): boolean =>
  files.some(({ name }) => name === CONFIG)

/** Where a file of a version is; undefined for one that is not there. */
type PathOf = (file: string) => string | undefined

/**
 * Reads back a ranking model's.
 * @throws SluiceError ERR_MODEL_INVALID, ERR_EMBEDDINGS_INVALID
 */
export const readTrainable = (model: string, spec: FeatureSpec, path: PathOf): Trainable =>
  // A version from before a setting is as if it were off.
  readBack(model, path, (written: Partial<RankingConfig>) => {
    const config = { ...rankingDefaults, ...written }
    return { config, fresh: freshTables(spec, config) }
  })

/** The same of two towers. */
export const readTrainableTowers = (spec: FeatureSpec, path: PathOf): Trainable<TwoTowerRecipe> =>
  readBack('two-tower', path, (written: TwoTowerChoices) => {
    const config = completeTwoTower(written)
    return { config, fresh: towerTables(spec, config) }
  })

function readBack<C, W>(
  model: string,
  path: PathOf,
  complete: (written: W) => { readonly config: C; readonly fresh: RankingTables },
): Trainable<C> {
  const read = (file: string): Buffer => {
    const place = path(file)
    if (place === undefined) throw new SluiceError('ERR_MODEL_INVALID', [model, `it has no ${file} to be trained on`])
    return fs.readFileSync(place)
  }
  const { config, fresh } = complete(JSON.parse(read(CONFIG).toString('utf8')) as W)
  const dense = read(DENSE)
  const tables = Object.fromEntries(
    tableNames.map((name) => {
      const place = path(tableFile(name))
      return [name, place === undefined ? fresh[name] : readCheckpoint(place)]
    }),
  ) as Record<TableName, RankingTables[TableName]>
  return { config, tables, restore: (vector) => restoreDense(vector, dense) }
}

function write(path: string, bytes: string | Uint8Array): void {
  try {
    fs.writeFileSync(path, bytes)
  } catch (cause) {
    throw new SluiceError('ERR_DISK_WRITE', [path, (cause as Error).message], { cause })
  }
}
