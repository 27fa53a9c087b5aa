import { mkdirSync, readFileSync, renameSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { mix32 } from '../foundation/base/index.ts'
import type { State } from '../stream/catalog/index.ts'
import type { Config } from '../domain/index.ts'
import type { Slim, SlimModel } from '../serving/retrieval/index.ts'

interface Cached {
  readonly key: string
  readonly entries: number
  readonly model: SlimModel
}

/**
 * Keeps the built linear model on disk, so that a restart serves at once and builds the next one while serving. It is
 * taken only for the very same items in the same rows and the same options; anything else is as good as no file.
 */
export class SlimCache {
  private readonly path: string
  private readonly slim: Slim
  private readonly state: State
  private readonly config: Config['retrieval']
  private saved = -1

  constructor(path: string, slim: Slim, state: State, config: Config['retrieval']) {
    this.path = path
    this.slim = slim
    this.state = state
    this.config = config
  }

  /** Restores the model; false when there is none that fits. */
  load(): boolean {
    let cached: Cached
    try {
      cached = deserialize(readFileSync(this.path)) as Cached
    } catch {
      return false // never written, or cut short: it is built anew
    }
    const items = cached.model?.placeOf?.length ?? -1
    if (items > this.state.items.size || cached.key !== this.key(items) || cached.entries > this.state.applied)
      return false
    this.slim.restore(cached.model, cached.entries)
    this.saved = cached.entries
    return true
  }

  /** Writes the model when it is newer than the file. Slates have their turn while the disk works. */
  async save(): Promise<void> {
    const built = this.slim.built
    if (!built || built.entries === this.saved) return
    const cached: Cached = { key: this.key(built.model.placeOf.length), ...built }
    mkdirSync(dirname(this.path), { recursive: true })
    await writeFile(`${this.path}.new`, serialize(cached))
    renameSync(`${this.path}.new`, this.path)
    this.saved = built.entries
  }

  private key(items: number): string {
    const { ids: table } = this.state.items
    let ids = items
    for (let row = 0; row < items; row++) ids = mix32(Math.imul(ids, 31) ^ table.hash(row)) // of each id, as the table keeps it
    const { slimItems, slimSupport, slimRidge } = this.config
    return [ids, slimItems, slimSupport, slimRidge].join(' ')
  }
}
