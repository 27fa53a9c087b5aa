import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Config, SlateRequest } from '../../../domain/index.ts'
import { Registry } from '../../../learning/registry/index.ts'
import { createEngine } from '../../create-engine.ts'
import type { Engine, ShadowStatus } from '../../engine.ts'
import type { EngineOptions } from '../../options.ts'
import { addModel, externalInputs } from '../add.ts'
import { linearModel } from './linear-model.ts'

/** A data folder with a small world, and models that were handed in. */
export class ShadowScene {
  readonly data = mkdtempSync(join(tmpdir(), 'sluice-shadow-'))
  readonly registry = new Registry(join(this.data, 'models'))
  private at = 0
  private opened: Engine | undefined

  async fill(config: Config): Promise<void> {
    const engine = createEngine({ data: this.data, config, world: { users: 60, items: 200, days: 5, events: 4000 } })
    await engine.open()
    this.at = Math.max(...Array.from(engine.allEvents(), ({ at }) => new Date(at as never).getTime()))
    await engine.close()
  }

  /** Adds a version that ranks by these columns times these weights. */
  async hand(config: Config, name: string, weights: Readonly<Record<string, number>>): Promise<void> {
    const says = {
      features: { digest: externalInputs(config).features.digest, columns: Object.keys(weights) },
      input: 'features',
      outputs: [{ name: 'logits', heads: ['click'] }],
      values: 'logits',
    }
    const [file, manifest] = [join(this.data, 'handed.onnx'), join(this.data, 'handed.json')]
    writeFileSync(manifest, JSON.stringify(says))
    writeFileSync(file, linearModel(Object.values(weights)))
    await addModel({ data: this.data, config, name, file, manifest })
  }

  async open(config: Config, options: Partial<EngineOptions> = {}): Promise<Engine> {
    this.opened = createEngine({ data: this.data, config, ...options })
    await this.opened.open()
    return this.opened
  }

  /** Twelve viewers ask. */
  get wishes(): SlateRequest[] {
    return Array.from({ length: 12 }, (_, n) => ({
      ...{ surface: 'home', user: `u000${String(n + 10)}`, at: this.at, seed: 'same' },
    }))
  }

  /**
   * Slates one after the other, without what the clock says; each waits until all that are in the shadow are done with
   * the one before, which they are not when they are not asked.
   */
  async slates(engine: Engine, asked = true): Promise<string> {
    const made = []
    for (const wish of this.wishes) {
      const before = toldOf(engine)
      const { stages: _, cursor, ...rest } = await engine.slate(wish)
      made.push({ ...rest, cursor: cursor?.split('.')[0] })
      const isBusy = () => toldOf(engine).some((told, i) => told === before[i])
      for (let tries = 0; asked && isBusy() && tries < 1000; tries++) await delay(5)
    }
    return JSON.stringify(made)
  }

  /** Closes what is open, and leaves nobody in the shadow. */
  async leave(): Promise<void> {
    await this.opened?.close()
    this.opened = undefined
    for (const { name, state } of this.registry.list()) if (state === 'shadow') this.registry.endShadow(name)
  }

  remove(): void {
    rmSync(this.data, { recursive: true, force: true })
  }
}

/** Of how many slates each has told. */
const toldOf = (engine: Engine): number[] =>
  Object.values(engine.status().shadows ?? {})
    .filter(({ why }) => why === undefined)
    .map(({ compared, skipped, failed }) => compared + skipped + failed)

export const statusOf = (engine: Engine, model: string): ShadowStatus | undefined => engine.status().shadows?.[model]
