import { SluiceError } from '../../foundation/base/index.ts'
import { emitModel, type ParameterLayout, Session } from '../graph/index.ts'
import type { FeatureSpec } from './feature-spec.ts'
import { type FeedPort, portsOf, RankingFeeds, type RankingTables } from './ranking-feeds.ts'
import { emptyRows, type ItemFacts, type RequestFacts, writeRequest } from './ranking-rows.ts'
import { itemTower, type Tower, type TwoTowerConfig, userTower } from './two-tower.ts'

/** Viewers and items that are encoded in one run. */
export const ENCODED_AT_ONCE = { users: 32, items: 256 } as const

/** Weights of both towers while they are trained: read anew on every run. */
export interface TwoTowerWeights {
  readonly layout: ParameterLayout
  readonly weights: Float32Array
}

/** Turns requests and items into vectors whose inner product orders the catalogue. One call at a time. */
export class TwoTowerEncoder {
  readonly units: number
  private readonly spec: FeatureSpec
  private readonly users: { readonly size: number; readonly session: Session; readonly feeds: RankingFeeds }
  private readonly items: { readonly size: number; readonly session: Session; readonly feeds: RankingFeeds }

  private constructor(spec: FeatureSpec, users: TwoTowerEncoder['users'], items: TwoTowerEncoder['items']) {
    this.spec = spec
    this.users = users
    this.items = items
    this.units = items.session.outputs[0]?.shape[1] as number
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
    const part = async ({ g, vectors }: Tower, size: number) => {
      const session = await Session.open(emitModel(g, { vectors }), { threads, name: 'two-tower' })
      session.bindParameters(layout, weights)
      return { size, session, feeds: new RankingFeeds(spec, portsOf(g), tables, facts, { rare: 'zero' }) }
    }
    const { users, items } = ENCODED_AT_ONCE
    return new TwoTowerEncoder(
      spec,
      await part(userTower(spec, users, config), users),
      await part(itemTower(spec, items, config), items),
    )
  }

  /** Over model files: each with its weights. ERR_MODEL_INVALID when they are of other sizes. */
  static async open(
    spec: FeatureSpec,
    files: { readonly user: Uint8Array; readonly item: Uint8Array },
    tables: RankingTables,
    facts: ItemFacts,
    threads = 1,
  ): Promise<TwoTowerEncoder> {
    const part = async (file: Uint8Array) => {
      const session = await Session.open(file, { threads, name: 'two-tower' })
      const size = session.outputs[0]?.shape[0]
      if (typeof size !== 'number')
        throw new SluiceError('ERR_MODEL_INVALID', ['two-tower', 'a tower has no fixed size'])
      const ports = session.inputs as readonly FeedPort[] // shapes are static: the emitter writes no open axis
      return { size, session, feeds: new RankingFeeds(spec, ports, tables, facts, { rare: 'zero' }) }
    }
    return new TwoTowerEncoder(spec, await part(files.user), await part(files.item))
  }

  /** [requests x units] */
  async encodeUsers(requests: readonly RequestFacts[]): Promise<Float32Array> {
    const { size, session, feeds } = this.users
    const out = new Float32Array(requests.length * this.units)
    for (let from = 0; from < requests.length; from += size) {
      const rows = emptyRows(size, 1, this.spec.history, this.spec.columns.length)
      const part = requests.slice(from, from + size)
      for (const [r, request] of part.entries()) writeRequest(rows, r, request)
      const { vectors } = await session.run(feeds.fill(rows))
      out.set((vectors as Float32Array).subarray(0, part.length * this.units), from * this.units)
    }
    return out
  }

  /** [items x units] by rows of items. */
  async encodeItems(items: ArrayLike<number>): Promise<Float32Array> {
    const { size, session, feeds } = this.items
    const out = new Float32Array(items.length * this.units)
    for (let from = 0; from < items.length; from += size) {
      const rows = emptyRows(1, size, this.spec.history, this.spec.columns.length)
      const count = Math.min(size, items.length - from)
      for (let i = 0; i < count; i++) rows.item[i] = items[from + i]
      const { vectors } = await session.run(feeds.fill(rows))
      out.set((vectors as Float32Array).subarray(0, count * this.units), from * this.units)
    }
    return out
  }

  async close(): Promise<void> {
    await this.users.session.close()
    await this.items.session.close()
  }
}
