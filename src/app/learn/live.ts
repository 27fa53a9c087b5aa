import { Registry } from '../../learning/registry/index.ts'
import type { Log } from '../../foundation/telemetry/index.ts'
import { SEQUENCE, type SequenceSource } from '../../serving/inference/index.ts'

/** How often a server looks for another live version: promotion and rollback take effect within this time. */
const LOOK_MS = 1000

/** Keeps the models in use those that are live in the registry. A version that is refused leaves the one in use. */
export class LiveModels {
  private readonly registry: Registry
  private readonly sequence: SequenceSource
  private readonly log: Log | undefined
  private timer: NodeJS.Timeout | undefined
  private looking: Promise<void> | undefined
  private refused: string | undefined

  constructor(folder: string, sequence: SequenceSource, log?: Log) {
    this.registry = new Registry(folder)
    this.sequence = sequence
    this.log = log
  }

  /** Takes the live version, or the latest earlier one that is sound. */
  async look(): Promise<void> {
    const live = this.registry.live(SEQUENCE)
    if (live === this.sequence.version || live === this.refused) return
    const { artifact, refused } = await this.registry.loadLive(SEQUENCE)
    for (const { version, error } of refused) this.log?.error({ error, version }, 'a live model was refused')
    this.refused = refused.find(({ version }) => version === live)?.version
    if (artifact?.manifest.version !== this.sequence.version) await this.sequence.use(artifact)
  }

  start(): void {
    this.timer = setInterval(() => {
      this.looking ??= this.look()
        .catch((error: unknown) => this.log?.error({ error }, 'cannot look for live models; it is tried again'))
        .finally(() => {
          this.looking = undefined
        })
    }, LOOK_MS)
    this.timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.looking
    await this.sequence.use(undefined)
  }
}
