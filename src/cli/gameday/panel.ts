import type { Item, Slate, User } from '../../domain/index.ts'
import { type Clock, Random } from '../../foundation/base/index.ts'
import type { World, Worth } from '../../world/index.ts'
import type { HttpClient } from '../http-client.ts'
import { ruleBroken } from './rules.ts'

/** Users on the panel. */
const USERS = 60
/** Items on a slate that is judged. */
const LIMIT = 10

export interface Verdict {
  /** Slates that were judged. */
  readonly slates: number
  /** Means over the slates, as shares of the best slate there is: see `Truth.worth`. */
  readonly ndcg: number
  readonly value: number
  /** The first rules that were broken, and how often any was. */
  readonly broken: number
  readonly examples: readonly string[]
  readonly failed: number
  /** By user, for comparisons. */
  readonly worths: ReadonlyMap<number, Worth>
}

/** Broken rules that are told. */
const EXAMPLES = 3

/**
 * The same users, asked again in every scene: what their slates are truly worth can be compared, and each is held
 * against the rules.
 */
export class Panel {
  private readonly world: World
  private readonly client: HttpClient
  private readonly clock: Clock
  private readonly users: readonly number[]
  private readonly profiles: readonly User[]
  private readonly items: ReadonlyMap<string, Item>

  constructor(world: World, client: HttpClient, clock: Clock) {
    this.world = world
    this.client = client
    this.clock = clock
    this.profiles = [...world.users()]
    this.items = new Map([...world.items()].map((item) => [item.id, item]))
    const rows = Uint32Array.from(this.profiles.keys())
    this.users = [...new Random('panel').shuffle(rows).slice(0, USERS)]
  }

  /** Asks for one slate of everybody, evenly over the time. Stops early when the signal aborts. */
  async judge(seconds: number, signal: AbortSignal): Promise<Verdict> {
    const worths = new Map<number, Worth>()
    const examples: string[] = []
    let broken = 0
    let failed = 0
    const start = this.clock.ticks()
    for (const [turn, row] of this.users.entries()) {
      await until(this.clock, start + (turn * seconds * 1000) / this.users.length)
      if (signal.aborted) break
      const slate = await this.ask(row)
      if (!slate) {
        failed++
        continue
      }
      const shown = slate.items.map(({ item }) => item)
      const why =
        shown.length === 0 ? 'it is empty' : ruleBroken(shown, this.profiles[row] as User, this.items, slate.at)
      if (why !== undefined && ++broken <= EXAMPLES) examples.push(`${slate.slate} (${slate.rung}): ${why}`)
      const rows = shown.map((id) => this.world.itemRow(id))
      worths.set(row, this.world.truth.worth(row, [...rows, ...nothing(shown.length)]))
    }
    const means = { ndcg: mean(worths, 'ndcg'), value: mean(worths, 'value') }
    return { slates: worths.size, ...means, broken, examples, failed, worths }
  }

  /** One slate of the user who comes first: what rung does the platform stand on? */
  async rung(turn: number): Promise<string | undefined> {
    return (await this.ask(this.users[turn % this.users.length] as number))?.rung
  }

  private async ask(row: number): Promise<Slate | undefined> {
    const body = { surface: 'home', user: this.world.userId(row), limit: LIMIT, seed: 'panel' }
    const { text, code } = await this.client.post('/v1/slates', body)
    return code === undefined ? (JSON.parse(text) as Slate) : undefined
  }
}

/** Places that a short slate left open: worth nothing. */
function nothing(shown: number): number[] {
  return new Array<number>(Math.max(0, LIMIT - shown)).fill(-1)
}

function mean(worths: ReadonlyMap<number, Worth>, name: keyof Worth): number {
  return worths.size === 0 ? 0 : [...worths.values()].reduce((sum, worth) => sum + worth[name], 0) / worths.size
}

async function until(clock: Clock, ticks: number): Promise<void> {
  const wait = ticks - clock.ticks()
  if (wait > 0) await new Promise((done) => setTimeout(done, wait))
}
