/**
 * Training throughput per model: examples per second through the whole step of the product, on 1 and 2 threads, one
 * candidate per request (256 x 1) and many of one request (32 x 8, 32 x 32); and beside it the same step in PyTorch and in
 * TensorFlow.js, in the same run, turn by turn. The product's time includes making the inputs from a raw batch (look-up of
 * ids, features, drawing of negatives); a peer's inputs lie ready. A peer gets the graph itself, with the same weights and
 * batch, so its loss must be the product's: the greatest difference is printed. "graph" is the graph with its gradients and Adam
 * alone: what the step costs where drawing, looking up and tables are free. Run:
 *
 *     npm run bench bench/throughput.ts [MODEL,MODEL...]
 *     SLUICE_PYTHON=VENV/bin/python    a Python with torch, from any folder
 *     PRECISION=double                 PyTorch in double precision: is a difference rounding?
 *     SLUICE_TFJS=FOLDER               a folder where @tensorflow/tfjs and @tensorflow/tfjs-backend-wasm were installed
 *
 * STEPS whose losses are compared (default 5), SECONDS per cell (default 2), THREADS (default 1,2), HISTORY and WIDTH (default 20, 32), ITEMS of the sequence model
 * (default 3416). All in about 6 minutes, 15 with peers. Two tables: by the clock (median step; for a quiet machine) and by the
 * processor time of the busiest thread (which holds on a busy one). Writes bench/out/throughput.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import type { RecipeName } from '../src/learning/training/index.ts'
import { Peer } from './throughput/peer.ts'
import { graphAlone } from './throughput/graph-alone.ts'
import { busiest, threadTimes } from './throughput/processor.ts'
import { rankerSubject } from './throughput/rankers.ts'
import { sequenceSubject, twoTowerSubject } from './throughput/retrieval.ts'
import type { Stepper, Subject } from './throughput/subject.ts'

const SECONDS = Number(process.env['SECONDS'] ?? 2)
const THREADS = (process.env['THREADS'] ?? '1,2').split(',').map(Number)
const history = Number(process.env['HISTORY'] ?? 20)
const width = Number(process.env['WIDTH'] ?? 32)
const TURNS = 3
/** Steps whose losses are held against a peer's, and that warm up. */
const WARM = 5
const FIRST = Number(process.env['STEPS'] ?? WARM)
const { SLUICE_PYTHON: python, SLUICE_TFJS: tfjs } = process.env

const recipes: readonly RecipeName[] = ['wdl', 'din', 'bst', 'bst-isolated', 'dlrm', 'coarse', 'degraded']
const subjects: Readonly<Record<string, () => Subject[]>> = {
  ...Object.fromEntries(
    recipes.map((recipe) => [
      recipe,
      () =>
        [
          [256, 1],
          [32, 8],
          [32, 32],
        ].map(([requests, impressions]) =>
          rankerSubject(recipe, { history, width, requests: requests as number, impressions: impressions as number }),
        ),
    ]),
  ),
  'two-tower': () => [twoTowerSubject(1024, 64)],
  sequence: () => [sequenceSubject(Number(process.env['ITEMS'] ?? 3416), 16)],
}

/** Something that takes the step: the product, or a peer, on some threads. */
interface Runner {
  readonly name: string
  readonly pid: number
  /** Milliseconds and losses of some steps. */
  run(steps: number): Promise<{ wall: readonly number[]; losses: readonly number[] }>
  close(): void | Promise<void>
}

interface Cell {
  /** Median milliseconds of a step by the clock. */
  readonly wall: number
  /** The same of the busiest thread's processor; NaN where it is not known. */
  readonly cpu: number
  readonly losses: readonly number[]
}

async function own(name: string, stepper: Stepper): Promise<Runner> {
  return {
    name,
    pid: process.pid,
    async run(steps) {
      const wall: number[] = []
      const losses: number[] = []
      for (let i = 0; i < steps; i++) {
        const began = performance.now()
        losses.push(await stepper.step())
        wall.push(performance.now() - began)
      }
      return { wall, losses }
    },
    close: () => stepper.close(),
  }
}

async function runnersOf(subject: Subject): Promise<Runner[]> {
  const runners: Runner[] = []
  const add = async (name: string, open: () => Promise<Runner | Peer>): Promise<void> => {
    try {
      const opened = await open()
      runners.push({ name, pid: opened.pid, run: (steps) => opened.run(steps), close: () => opened.close() })
    } catch (error) {
      console.log(`${subject.model} ${subject.shape}: no ${name}: ${(error as Error).message.split('\n').at(-1)}`)
    }
  }
  for (const threads of THREADS)
    await add(`sluice ${threads}`, async () => own(`sluice ${threads}`, await subject.open(threads)))
  for (const threads of THREADS)
    await add(`graph ${threads}`, async () => own(`graph ${threads}`, await graphAlone(subject.peer(), threads)))
  if (python)
    for (const threads of THREADS)
      await add(`torch ${threads}`, () =>
        Peer.open([python, 'bench/peers/torch_step.py', String(threads)], subject.peer(), {
          OMP_NUM_THREADS: String(threads),
        }),
      )
  if (tfjs) await add('tfjs', () => Peer.open([process.execPath, 'bench/peers/tfjs_step.mjs', tfjs], subject.peer()))
  return runners
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number

/** Every runner in turn, so that all see the same machine. */
async function measure(subject: Subject): Promise<Record<string, Cell>> {
  const runners = await runnersOf(subject)
  const seen = new Map<string, { wall: number[]; cpu: number[]; losses: readonly number[]; steps: number }>()
  for (const { name, run } of runners) {
    const { wall, losses } = await run(name === 'tfjs' ? Math.min(FIRST, WARM) : FIRST)
    const steps = Math.max(3, Math.round((SECONDS * 1000) / TURNS / Math.min(...wall)))
    seen.set(name, { wall: [], cpu: [], losses, steps: Math.min(steps, 2000) })
  }
  for (let turn = 0; turn < TURNS; turn++) {
    for (const { name, pid, run } of runners) {
      const own = seen.get(name) as NonNullable<ReturnType<typeof seen.get>>
      const before = threadTimes(pid)
      const { wall } = await run(own.steps)
      const after = threadTimes(pid)
      own.wall.push(...wall)
      if (before && after) own.cpu.push(busiest(before, after) / own.steps)
    }
  }
  for (const runner of runners) await runner.close()
  return Object.fromEntries(
    [...seen].map(([name, { wall, cpu, losses }]) => [
      name,
      { wall: median(wall), cpu: median(cpu) ?? Number.NaN, losses },
    ]),
  )
}

/** Greatest relative difference of a peer's losses from the product's, as far as they must be equal. */
function difference({ follows }: Subject, cells: Record<string, Cell>): string {
  const [product, graph, torch, tensorflow] = [
    ...['sluice', 'graph', 'torch'].map((name) => `${name} ${THREADS[0]}`),
    'tfjs',
  ].map((name) => cells[name]?.losses)
  if (!product || !follows) return ''
  const against = (peer: readonly number[], steps: number) =>
    product.slice(0, steps).map((loss, i) => Math.abs((peer[i] as number) / loss - 1))
  // The graph alone and TensorFlow.js train no tables: only their first loss is equal.
  const parts = [
    ...(graph ? against(graph, 1) : []),
    ...(torch ? against(torch, FIRST) : []),
    ...(tensorflow ? against(tensorflow, 1) : []),
  ]
  return parts.length > 0 ? Math.max(...parts).toExponential(0) : ''
}

const names = process.argv[2]?.split(',') ?? Object.keys(subjects)
const rows: { subject: Subject; cells: Record<string, Cell> }[] = []
if (!python) console.log('PyTorch is left out: SLUICE_PYTHON names no Python with torch')
if (!tfjs) console.log('TensorFlow.js is left out: SLUICE_TFJS names no folder with @tensorflow/tfjs')
for (const name of names) {
  const make = subjects[name]
  if (make === undefined)
    throw new RangeError(`Cannot measure "${name}": there are ${Object.keys(subjects).join(', ')}`)
  for (const subject of make()) rows.push({ subject, cells: await measure(subject) })
}

const columns = [
  ...['sluice', 'graph'].flatMap((name) => THREADS.map((n) => `${name} ${n}`)),
  ...(python ? THREADS.map((n) => `torch ${n}`) : []),
  ...(tfjs ? ['tfjs'] : []),
]
const of = (cells: Record<string, Cell>, name: string, clock: 'wall' | 'cpu') => cells[name]?.[clock] ?? Number.NaN
const times = (a: number, b: number): string => (Number.isNaN(a / b) ? '' : `${(a / b).toFixed(2)}x`)
for (const clock of ['wall', 'cpu'] as const) {
  const ratios = [
    ...THREADS.slice(1).map((n) => `${n} : 1`),
    ...(python ? THREADS.map((n) => `torch ${n}`) : []),
    ...(tfjs ? ['tfjs'] : []),
  ]
  const head = [
    'model',
    'batch',
    ...columns,
    ...ratios.map((name) => `against ${name}`),
    'against 256 x 1',
    'loss differs',
  ]
  const table = new Table({ head, style: { head: [], border: [] } })
  for (const { subject, cells } of rows) {
    const speed = (name: string): number => (subject.examples / of(cells, name, clock)) * 1000
    const first = speed(`sluice ${THREADS[0]}`)
    const single = rows.find((row) => row.subject.model === subject.model) as (typeof rows)[number]
    const perExample = (single.subject.examples / of(single.cells, `sluice ${THREADS[0]}`, clock)) * 1000
    table.push([
      ...[subject.model, subject.shape],
      ...columns.map((name) => (cells[name] ? `${(speed(name) / 1000).toFixed(1)} k/s` : '')),
      ...THREADS.slice(1).map((n) => times(speed(`sluice ${n}`), first)),
      ...(python ? THREADS.map((n) => times(speed(`sluice ${n}`), speed(`torch ${n}`))) : []),
      ...(tfjs ? [times(first, speed('tfjs'))] : []),
      times(first, perExample),
      difference(subject, cells),
    ])
  }
  console.log(clock === 'wall' ? 'By the clock (median step):' : 'By the busiest thread of a step:')
  console.log(table.toString())
}
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
const written = rows.map(({ subject: { model, shape, examples }, cells }) => ({ model, shape, examples, cells }))
mkdirSync('bench/out', { recursive: true })
writeFileSync(
  join('bench', 'out', 'throughput.json'),
  `${JSON.stringify({ machine, seconds: SECONDS, history, width, rows: written }, null, 2)}\n`,
)
