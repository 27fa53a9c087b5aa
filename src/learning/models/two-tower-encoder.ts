import { SluiceError, Turns } from '../../foundation/base/index.ts'
import { LearnedRows, type ModelUpdate } from '../embeddings/index.ts'
import { emitModel, type ParameterLayout, Session } from '../graph/index.ts'
import type { FeatureSpec } from './feature-spec.ts'
import { type FeedPort, portsOf, RankingFeeds, type RankingTables } from './ranking-feeds.ts'
import { emptyRows, type FullRows, type ItemFacts, type RequestFacts, writeRequest } from './ranking-rows.ts'
import { itemTower, type Tower, type TwoTowerConfig, userTower } from './two-tower.ts'

/** Viewers and items that are encoded in one run, ascending: the smallest size that takes all that is asked is run. */
export const ENCODED_AT_ONCE = { users: [1, 32], items: [8, 256] } as const

/** Weights of both towers while they are trained: read anew on every run. */
export interface TwoTowerWeights {
  readonly layout: ParameterLayout
  readonly weights: Float32Array
}

/** One graph of a fixed size. */
interface Part {
  readonly size: number
  readonly session: Session
  readonly feeds: RankingFeeds
  readonly rows: FullRows
}

/** Turns requests and items into vectors whose inner product orders the catalogue. Calls are answered in turn. */
export class TwoTowerEncoder {
  readonly units: number
  /** Number of the latest update taken; 0: none. */
  updates = 0
  private readonly users: readonly Part[]
  private readonly items: readonly Part[]
  private readonly learned: LearnedRows
  private readonly turns = new Turns()

  private constructor(users: readonly Part[], items: readonly Part[], tables: RankingTables) {
    this.users = users
    this.items = items
    this.learned = new LearnedRows(tables.item)
    this.units = items[0]?.session.outputs[0]?.shape[1] as number
  }

  /** Over weights that are being trained. */
  static async over(
    spec: FeatureSpec,
    config: TwoTowerConfig,
    { layout, weights }: TwoTowerWeights,
    tables: RankingTables,
    facts: ItemFacts,
    threads = 1,
  ): Promise<TwoTowerEncoder> {
    const part = async ({ g, vectors }: Tower, requests: number, items: number): Promise<Part> => {
      const session = await Session.open(emitModel(g, { vectors }), { threads, name: 'two-tower' })
      session.bindParameters(layout, weights)
      return partOf(spec, session, portsOf(g), tables, facts, requests, items)
    }
    const [users, items] = [ENCODED_AT_ONCE.users[1], ENCODED_AT_ONCE.items[1]]
    return new TwoTowerEncoder(
      [await part(userTower(spec, users, config), users, 1)],
      [await part(itemTower(spec, items, config), 1, items)],
      tables,
    )
  }

  /** Over model files, each with its weights, by size ascending. ERR_MODEL_INVALID when they are of other sizes. */
  static async open(
    spec: FeatureSpec,
    files: { readonly users: readonly Uint8Array[]; readonly items: readonly Uint8Array[] },
    tables: RankingTables,
    facts: ItemFacts,
    threads = 1,
  ): Promise<TwoTowerEncoder> {
    const part = async (file: Uint8Array, of: 'users' | 'items'): Promise<Part> => {
      const session = await Session.open(file, { threads, name: 'two-tower' })
      const size = session.outputs[0]?.shape[0]
      if (typeof size !== 'number')
        throw new SluiceError('ERR_MODEL_INVALID', ['two-tower', 'a tower has no fixed size'])
      const ports = session.inputs as readonly FeedPort[] // shapes are static: the emitter writes no open axis
      const [requests, items] = of === 'users' ? [size, 1] : [1, size]
      return partOf(spec, session, ports, tables, facts, requests, items)
    }
    const users: Part[] = []
    const items: Part[] = []
    for (const file of files.users) users.push(await part(file, 'users'))
    for (const file of files.items) items.push(await part(file, 'items'))
    return new TwoTowerEncoder(users, items, tables)
  }

  /** [requests x units] */
  encodeUsers(requests: readonly RequestFacts[]): Promise<Float32Array> {
    return this.inTurn(this.users, requests.length, (rows, first, count) => {
      for (let r = 0; r < count; r++) writeRequest(rows, r, requests[first + r] as RequestFacts)
    })
  }

  /** [items x units] by rows of items. */
  encodeItems(items: ArrayLike<number>): Promise<Float32Array> {
    return this.inTurn(this.items, items.length, (rows, first, count) => {
      rows.item.fill(-1)
      for (let i = 0; i < count; i++) rows.item[i] = items[first + i]
    })
  }

  /** 0 while the embedding of an item is that of the version, else a print of what was learned. By the table's number of it. */
  learnedOf(id: number): number {
    return this.learned.print(id)
  }

  /**
   * Takes what was learned of items since this version: wholly, between two runs, or not at all. Gives the numbers by
   * which the table knows those whose embedding changed: they are to be encoded again. An update that was taken already
   * changes nothing.
   * @throws SluiceError ERR_MODEL_INVALID for one of another model or with more than items' embeddings, ERR_EMBEDDINGS_INVALID
   */
  update({ model, base, number, weights, deltas }: ModelUpdate): Promise<Uint32Array> {
    return this.turns.take(async () => {
      if (number <= this.updates) return new Uint32Array(0)
      const refuse = (why: string) =>
        new SluiceError('ERR_MODEL_INVALID', [`update ${number} of ${model}/${base}`, why])
      if (model !== 'two-tower') throw refuse('two-tower serves here')
      const { item, ...others } = deltas
      if (item === undefined) throw refuse('it says nothing of the table "item"')
      if (weights.length > 0 || Object.keys(others).length > 0)
        throw refuse('it changes more than embeddings of items: every vector would be another one')
      const changed = this.learned.open(item)()
      this.updates = number
      return changed
    })
  }

  /** Takes back all updates; gives what `update` gives. */
  forget(): Promise<Uint32Array> {
    return this.turns.take(async () => {
      this.updates = 0
      return this.learned.forget()
    })
  }

  async close(): Promise<void> {
    await this.turns.over()
    for (const { session } of [...this.users, ...this.items]) await session.close()
  }

  private inTurn(
    parts: readonly Part[],
    count: number,
    write: (rows: FullRows, first: number, count: number) => void,
  ): Promise<Float32Array> {
    return this.turns.take(() => this.encode(parts, count, write))
  }

  private async encode(
    parts: readonly Part[],
    count: number,
    write: (rows: FullRows, first: number, count: number) => void,
  ): Promise<Float32Array> {
    const out = new Float32Array(count * this.units)
    for (let from = 0; from < count; ) {
      const { size, session, feeds, rows } = parts.find((part) => part.size >= count - from) ?? (parts.at(-1) as Part)
      const filled = Math.min(size, count - from)
      write(rows, from, filled)
      const { vectors } = await session.run(feeds.fill(rows))
      out.set((vectors as Float32Array).subarray(0, filled * this.units), from * this.units)
      from += filled
    }
    return out
  }
}

function partOf(
  spec: FeatureSpec,
  session: Session,
  ports: readonly FeedPort[],
  tables: RankingTables,
  facts: ItemFacts,
  requests: number,
  items: number,
): Part {
  const feeds = new RankingFeeds(spec, ports, tables, facts, { rare: 'zero' })
  const size = Math.max(requests, items)
  return { size, session, feeds, rows: emptyRows(requests, items, spec.history, spec.columns.length) }
}
