import { SluiceError, Turns } from '../../foundation/base/index.ts'
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
  private readonly users: readonly Part[]
  private readonly items: readonly Part[]
  private readonly turns = new Turns()

  private constructor(users: readonly Part[], items: readonly Part[]) {
    this.users = users
    this.items = items
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
    return new TwoTowerEncoder(users, items)
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
