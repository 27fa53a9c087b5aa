/**
 * Sequence retrieval on MovieLens-1M, leave-one-out, full ranking: trains, then asks for every user's last item among
 * the whole catalogue. Bring your own copy of the data (https://grouplens.org/datasets/movielens/1m/):
 *
 *     npm run bench bench/sequence-ml1m.ts -- PATH [--folder DIR] [--threads N] [--recipe JSON]
 *
 * PATH is ratings.dat as it is published (equal times stay in the order of the file), or lines of "user item" (the file
 * of SASRec and gSASRec) or of "user TAB item item ...", in time order. Many ratings share their second with
 * another of the same user, so how a file orders equal times moves all figures: compare equal files only. Items with
 * fewer than 5 ratings are left out, as in SASRec and gSASRec. The last item of each user is the test, the one before it
 * the validation; neither is learnt. Started again with the same folder, it continues where it was. Writes JSON lines,
 * to log.jsonl in the folder too.
 */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  completeRecipe,
  Evaluator,
  historiesOf,
  type RecipeChoices,
  rankMetrics,
  testCases,
  trainSequence,
} from '../src/learning/training/index.ts'
import { leaveOneOut } from '../src/stream/samples/index.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string', default: 'bench/out/sequence-ml1m' },
    threads: { type: 'string', default: '1' },
    recipe: { type: 'string', default: '{}' },
  },
})
const [path] = positionals
if (path === undefined) throw new RangeError('Say where the data is: npm run bench bench/sequence-ml1m.ts -- PATH')
const threads = Number(values.threads)
mkdirSync(values.folder, { recursive: true })

const choices: RecipeChoices = {
  validation: 2048,
  patience: 4,
  seed: 'ml-1m',
  ...(JSON.parse(values.recipe) as RecipeChoices),
}
const users = usersOf(readFileSync(path, 'latin1'))
const histories = dense(users, 5)
const split = leaveOneOut(histories)
say({ users: histories.users, items: histories.items, actions: histories.item.length })
say({ recipe: completeRecipe(choices), threads, machine: `${cpus()[0]?.model.trim()}, node ${process.version}` })

const run = await trainSequence(histories, split, choices, { threads, folder: values.folder, log: say })
const { config, parameters, table } = run.model
say({ bestEpoch: run.bestEpoch, validation: run.bestValue, updates: run.updates, seconds: run.seconds })

const evaluator = await Evaluator.open(config, histories.items, { threads })
const ranks = await evaluator.ranks(histories, testCases(histories, split), parameters, table)
await evaluator.close()
say({ test: 'seen items removed', ...rankMetrics(ranks.removed, [1, 5, 10, 20]) })
say({ test: 'seen items kept', ...rankMetrics(ranks.kept, [1, 5, 10, 20]) })

function say(record: object): void {
  const line = JSON.stringify({ at: new Date().toISOString(), ...record })
  console.log(line)
  appendFileSync(join(values.folder, 'log.jsonl'), `${line}\n`)
}

/** Item names of each user, oldest first. */
function usersOf(text: string): string[][] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '')
  if (lines[0]?.includes('\t')) return lines.map((line) => (line.split('\t')[1] ?? '').split(' '))
  const users = new Map<string, { item: string; at: number }[]>()
  for (const [place, line] of lines.entries()) {
    const [user = '', item = '', , at = place] = line.split(/::| /)
    const list = users.get(user) ?? []
    users.set(user, list)
    list.push({ item, at: Number(at) })
  }
  return [...users.values()].map((list) => list.sort((a, b) => a.at - b.at).map(({ item }) => item))
}

/** Rows in order of first appearance, without items that occur less often than `least`. */
function dense(users: readonly (readonly string[])[], least: number): ReturnType<typeof historiesOf> {
  const counts = new Map<string, number>()
  for (const item of users.flat()) counts.set(item, (counts.get(item) ?? 0) + 1)
  const rows = new Map<string, number>()
  const rowOf = (item: string): number => {
    const row = rows.get(item) ?? rows.size
    rows.set(item, row)
    return row
  }
  const kept = users.map((items) => items.filter((item) => (counts.get(item) ?? 0) >= least).map(rowOf))
  return historiesOf(kept, rows.size)
}
