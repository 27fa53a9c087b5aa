import { SluiceError } from '../../foundation/base/index.ts'
import type { Log } from '../../foundation/telemetry/index.ts'
import { Registry } from '../../learning/registry/index.ts'
import { readUpdate, updatePath } from '../../learning/training/index.ts'
import { homeless, type IndexHome, type LiveModel } from '../../serving/inference/index.ts'
import { BorrowedIndex } from '../../serving/vectors/index.ts'
import type { LentIndexes, LentVersion } from '../learn/index-lives.ts'
import { keepEarlier } from '../learn/keep-earlier.ts'
import { putInShadow } from '../learn/shadow-models.ts'
import type { Lead } from './messages.ts'

type Borrowed = Omit<LentVersion, 'index'> & { readonly index: BorrowedIndex }

/** The vector indexes that another thread keeps, by source and version of embeddings. */
export class BorrowedIndexes {
  private readonly reader: number
  private readonly known = new Map<string, readonly Borrowed[]>()

  constructor(reader: number) {
    this.reader = reader
  }

  take(lent: LentIndexes): void {
    for (const [source, versions] of Object.entries(lent)) {
      const known = this.known.get(source) ?? []
      const taken = versions.map(({ version, duty, generation, index }) => {
        const held = known.find((one) => one.version === version)
        if (held && held.generation !== generation) held.index.take(index, this.reader)
        return { version, duty, generation, index: held?.index ?? new BorrowedIndex(index, this.reader) }
      })
      this.known.set(source, taken)
    }
  }

  /** For a source to search them; it throws ERR_INDEX_STATE for a version that was not lent, or no more is. */
  homeOf(source: string): IndexHome {
    const known = () => this.known.get(source) ?? []
    const borrow = (version: string) => {
      const held = known().find((one) => one.version === version)
      if (held) return held.index
      throw new SluiceError('ERR_INDEX_STATE', ['search', `the index of ${source}`, `that of ${version} was not lent`])
    }
    const past = () => known().find(({ duty }) => duty === 'resting')?.version
    return { ...homeless, past, borrow }
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

  /** Resolves when they are in use; what is kept to go back to is opened after. One lead after the other. */
  follow(lead: Lead['models']): Promise<void> {
    const followed = this.last.then(async () => {
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
    this.last = followed.then(async () => {
      for (const [place, model] of this.models.entries()) await this.shadow(model, lead[place]?.shadow)
      for (const model of this.models)
        await keepEarlier(new Registry(this.folder), model).catch((error: unknown) =>
          this.log.warn({ error, model: model.model }, 'a thread cannot keep the version before at hand'),
        )
    })
    return followed
  }

  async close(): Promise<void> {
    await this.follow([])
    await this.last
  }

  /** Nothing that serves here notices when it cannot be. */
  private async shadow(model: LiveModel, version: string | undefined): Promise<void> {
    if (model.shadow?.version === version) return
    await putInShadow(new Registry(this.folder), model, version).catch((error: unknown) =>
      this.log.warn({ error, model: model.model, version }, 'a thread cannot ask a version in the shadow'),
    )
  }

  private async use(model: LiveModel, version: string | undefined, update: string | undefined): Promise<void> {
    const { model: name } = model
    if (name === undefined) return
    if (version !== undefined && version === model.earlier?.version) await model.earlier.back()
    else if (version !== model.version) {
      const registry = new Registry(this.folder)
      await model.use(version === undefined ? undefined : await registry.load(name, version, model.expected))
    }
    if (version === undefined || update === undefined || this.updates.get(model) === update) return
    this.updates.set(model, update)
    await model.learn?.(readUpdate(updatePath(this.folder, name)))
  }
}
