/**
 * What it is worth to the sequence model that an item is no negative before it is there: in a world whose items keep
 * coming, the model is trained anew every ANEW days on all that came before, once with the times of publication and once
 * without, and asked for each consumption of the days that follow among all items that are out by then, but those the
 * viewer has had. Prints recall@100 and NDCG@10 with the difference (95 %, users as clusters), of items that were out at
 * the first training and of those that came later.
 *
 *     npm run bench bench/sequence-new-items.ts [seeds]
 *
 * USERS, ITEMS, EVENTS, DAYS set the world, PART the share of the days before the first training, LOSS how many negatives
 * are drawn (0: all items), EPOCHS the passes.
 */
import { Kinds } from '../src/domain/index.ts'
import { DAY } from '../src/foundation/base/index.ts'
import { Evaluator, type Histories, timesOf, trainSequence, worthAt } from '../src/learning/training/index.ts'
import { entriesOf } from '../src/learning/training/testing/world-samples.ts'
import { sequencesOf } from '../src/stream/samples/index.ts'
import { createWorld } from '../src/world/index.ts'
import { overUsers } from './online-towers/over-users.ts'

const [seeds = '1,2'] = process.argv.slice(2)
const size = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise)
const users = size('USERS', 1200)
const days = size('DAYS', 40)
const sizes = { users, items: size('ITEMS', 500), days, events: size('EVENTS', users * 200) }
const part = size('PART', 0.5)
const anew = size('ANEW', 4)
const negatives = size('LOSS', 0)
const epochs = size('EPOCHS', 20)
/** The latest days of what is trained on say which epoch is the best. */
const VALIDATION_DAYS = 1
const loss = negatives === 0 ? ({ kind: 'full' } as const) : ({ kind: 'sampled', negatives } as const)

interface Judged {
  readonly user: number
  readonly later: boolean
  readonly ranks: Readonly<Record<string, number>>
}

async function judged(seed: string): Promise<Judged[]> {
  const world = createWorld({ ...sizes, seed: `towers ${seed}` })
  const { sequences, state } = sequencesOf(entriesOf(world), new Kinds())
  const items = state.items.size
  const published = state.items.published.array
  const plain: Histories = { ...sequences, items }
  const out = {
    at: Float32Array.from(sequences.at, inDays),
    since: Float32Array.from(published.subarray(0, items), inDays),
  }
  const begin = world.end - days * DAY * (1 - part)
  const found: Judged[] = []
  for (let cut = begin; cut < world.end - DAY; cut += anew * DAY) {
    const split = { validFrom: placesAt(cut - VALIDATION_DAYS * DAY), testFrom: placesAt(cut) }
    const times = timesOf({ ...sequences, items }, split.validFrom, (row) => published[row] as number)
    const cases = casesOf(split.testFrom, placesAt(cut + anew * DAY))
    const ranks: Record<string, Uint32Array> = {}
    for (const [name, histories] of Object.entries({ without: plain, with: { ...plain, ...(times && { times }) } })) {
      const choices = { model: { length: 50 }, rows: 4, epochs, loss, seed }
      const cpu = process.cpuUsage()
      const { model, bestEpoch, updates } = await trainSequence(histories, split, choices)
      const { user, system } = process.cpuUsage(cpu)
      const evaluator = await Evaluator.open(model.config, items)
      ranks[name] = (await evaluator.ranks({ ...plain, times: out }, cases, model.parameters, model.table)).removed
      await evaluator.close()
      const ms = (user + system) / 1000 / updates
      console.log(
        `  seed ${seed}, day ${inDays(cut - world.end) + days} ${name}: epoch ${bestEpoch}, ${ms.toFixed(0)} ms of CPU an update`,
      )
    }
    for (let i = 0; i < cases.targets.length; i++) {
      found.push({
        user: cases.users[i] as number,
        later: (published[sequences.item[cases.targets[i] as number] as number] as number) > begin,
        ranks: Object.fromEntries(Object.entries(ranks).map(([name, list]) => [name, list[i] as number])),
      })
    }
  }
  return found

  function placesAt(moment: number): Uint32Array {
    return Uint32Array.from({ length: sequences.users }, (_, user) => {
      let place = sequences.starts[user] as number
      while (place < (sequences.starts[user + 1] as number) && (sequences.at[place] as number) < moment) place++
      return place
    })
  }

  /** Each consumption from one moment to another of who had something before. */
  function casesOf(from: Uint32Array, until: Uint32Array) {
    const cases = { users: [] as number[], starts: [] as number[], targets: [] as number[] }
    for (const [user, first] of from.entries()) {
      const start = sequences.starts[user] as number
      for (let place = Math.max(first, start + 1); place < (until[user] as number); place++) {
        cases.users.push(user)
        cases.starts.push(start)
        cases.targets.push(place)
      }
    }
    return { users: cases.users, starts: Uint32Array.from(cases.starts), targets: Uint32Array.from(cases.targets) }
  }
}

const inDays = (ms: number) => ms / DAY

function told(name: string, cases: readonly Judged[]): void {
  for (const [metric, worth] of Object.entries({ 'recall@100': recall, 'NDCG@10': worthAt(10) })) {
    const of = (which: string) => overUsers(cases, ({ ranks }) => worth(ranks[which] as number))
    const gain = overUsers(cases, ({ ranks }) => worth(ranks['with'] as number) - worth(ranks['without'] as number))
    const say = `without ${of('without')?.value.toFixed(4)} with ${of('with')?.value.toFixed(4)}`
    const half = gain?.low == null ? '' : ` +- ${(gain.value - gain.low).toFixed(4)}`
    console.log(`${name} (${cases.length}) ${metric}: ${say}, difference ${gain?.value.toFixed(4)}${half}`)
  }
}

const recall = (rank: number) => (rank <= 100 ? 1 : 0)

for (const seed of seeds.split(',')) {
  const all = await judged(seed)
  told(`seed ${seed}, all`, all)
  told(
    `seed ${seed}, items that came later`,
    all.filter(({ later }) => later),
  )
  told(
    `seed ${seed}, items from before`,
    all.filter(({ later }) => !later),
  )
}
