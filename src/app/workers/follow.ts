import { SluiceError } from '../../foundation/base/index.ts'
import type { Log } from '../../foundation/telemetry/index.ts'
import { Registry } from '../../learning/registry/index.ts'
import { readUpdate, updatePath } from '../../learning/training/index.ts'
import { homeless, type IndexHome, type LiveModel } from '../../serving/inference/index.ts'
import { BorrowedIndex } from '../../serving/vectors/index.ts'
import type { LentIndexes } from '../learn/index-lives.ts'
import type { Lead } from './messages.ts'

/** Versions of a source's index at hand: the one in use, and the one that comes. */
const VERSIONS_MAX = 2

/** The vector indexes that another thread keeps, by source and version of embeddings. */
export class BorrowedIndexes {
  private readonly reader: number
  private readonly known = new Map<string, Map<string, { generation: string; readonly index: BorrowedIndex }>>()

  constructor(reader: number) {
    this.reader = reader
  }

  take(lent: LentIndexes): void {
    for (const [source, { version, generation, index }] of Object.entries(lent)) {
      const versions = this.known.get(source) ?? new Map()
      this.known.set(source, versions)
      const held = versions.get(version)
      if (held?.generation === generation) continue
      if (held) held.index.take(index, this.reader)
      versions.set(version, { generation, index: held?.index ?? new BorrowedIndex(index, this.reader) })
      if (versions.size > VERSIONS_MAX) versions.delete(versions.keys().next().value as string)
    }
  }

  /** For a source to search them; it throws ERR_INDEX_STATE for a version that was not lent, or no more is. */
  homeOf(source: string): IndexHome {
    const borrow = (version: string) => {
      const held = this.known.get(source)?.get(version)
      if (held) return held.index
      throw new SluiceError('ERR_INDEX_STATE', ['search', `the index of ${source}`, `that of ${version} was not lent`])
    }
    return { ...homeless, borrow }
  }
}

/** Keeps the models of this thread those that another one uses. What cannot be loaded here is told, and not tried again. */
export class FollowedModels {
  private readonly folder: string
  private readonly models: readonly LiveModel[]
  private readonly log: Log
  private readonly updates = new Map<LiveModel, string>()
  private last: Promise<void> = Promise.resolve()

  constructor(folder: string, models: readonly LiveModel[], log: Log) {
    this.folder = folder
    this.models = models
    this.log = log
  }

  /** Resolves when they are in use. One lead after the other. */
  follow(lead: Lead['models']): Promise<void> {
    this.last = this.last.then(async () => {
      for (const [place, model] of this.models.entries()) {
        const { version, update } = lead[place] ?? { version: undefined, update: undefined }
        await this.use(model, version, update).catch((error: unknown) =>
          this.log.error(
            { error, model: model.model, version },
            'a thread cannot use a model; the rung below serves there',
          ),
        )
      }
    })
    return this.last
  }

  async close(): Promise<void> {
    await this.follow([])
  }

  private async use(model: LiveModel, version: string | undefined, update: string | undefined): Promise<void> {
    const { model: name } = model
    if (name === undefined) return
    if (version !== model.version) {
      const registry = new Registry(this.folder)
      await model.use(version === undefined ? undefined : await registry.load(name, version, model.expected))
    }
    if (version === undefined || update === undefined || this.updates.get(model) === update) return
    this.updates.set(model, update)
    await model.learn?.(readUpdate(updatePath(this.folder, name)))
  }
}
