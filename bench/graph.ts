/**
 * What a training step costs on one thread: a perceptron, and a ranker of the shape of BST (one transformer block over
 * 20 history items and the target, flattened into a perceptron, four heads). Forward, all gradients, and those of the
 * input rows; optimiser and table look-ups are not in it. Run:
 *
 *     npm run bench bench/graph.ts
 *
 * BATCH, STEPS and THREADS set the size. Writes bench/out/graph.json. Beside them the product of two large matrices: what the
 * processor gives at most, and so the ruler that steps on different machines are compared by.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import Table from 'cli-table3'
import { Random } from '../src/foundation/base/index.ts'
import {
  binaryCrossEntropy,
  emitModel,
  Graph,
  gradients,
  layoutOf,
  normal,
  ones,
  Session,
  type Tensor,
  TrainingStep,
  type Values,
  zeros,
} from '../src/learning/graph/index.ts'

const BATCH = Number(process.env['BATCH'] ?? 256)
const STEPS = Number(process.env['STEPS'] ?? 50)
const TURNS = 6
const THREADS = Number(process.env['THREADS'] ?? 1)
const WARM_UP = 20
const LENGTH = 20
const WIDTH = 32
const HEADS = 4
const FIELDS = 6
const TASKS = 4

interface Model {
  readonly name: string
  build(g: Graph): { loss: Tensor; rows: Tensor[] }
}

function dense(g: Graph, x: Tensor, name: string, outer: number, activation?: (t: Tensor) => Tensor): Tensor {
  const weight = g.parameter(`${name}.weight`, [x.shape.at(-1) as number, outer])
  return g.linear(x, weight, g.parameter(`${name}.bias`, [outer], zeros), activation)
}

function layerNorm(g: Graph, x: Tensor, name: string): Tensor {
  const width = x.shape.at(-1) as number
  return g.layerNorm(x, g.parameter(`${name}.gain`, [width], ones), g.parameter(`${name}.shift`, [width], zeros))
}

function perceptron(g: Graph, x: Tensor): Tensor {
  return [256, 128, 64].reduce((h, width, i) => dense(g, h, `mlp${i}`, width, g.relu), x)
}

const lossOf = (g: Graph, h: Tensor): Tensor =>
  binaryCrossEntropy(
    g,
    dense(g, h, 'heads', TASKS),
    g.input('labels', [BATCH, TASKS]),
    g.input('weights', [BATCH, TASKS]),
  )

const models: Model[] = [
  {
    name: 'perceptron 224-256-128-64-4',
    build: (g) => {
      const rows = g.input('rows', [BATCH, (FIELDS + 1) * WIDTH])
      return { rows: [rows], loss: lossOf(g, perceptron(g, rows)) }
    },
  },
  {
    name: `BST, history ${LENGTH}, width ${WIDTH}`,
    build: (g) => {
      const places = LENGTH + 1
      const rows = g.input('rows', [BATCH, places, WIDTH])
      const others = g.input('others', [BATCH, FIELDS * WIDTH])
      const mask = g.input('mask', [BATCH, places])
      const ages = g.gatherRows(
        g.parameter('ages', [64, WIDTH], normal(0.02)),
        g.input('age', [BATCH, places], 'int32'),
      )
      const x = g.add(rows, ages)
      const split = (t: Tensor): Tensor =>
        g.transpose(g.reshape(t, [BATCH, places, HEADS, WIDTH / HEADS]), [0, 2, 1, 3])
      const projected = g.split(dense(g, x, 'qkv', 3 * WIDTH), [WIDTH, WIDTH, WIDTH])
      const [q, k, v] = projected.map(split) as [Tensor, Tensor, Tensor]
      const mixed = g.attention(q, k, v, g.reshape(g.maskBias(mask), [BATCH, 1, 1, places]))
      const joined = g.reshape(g.transpose(mixed, [0, 2, 1, 3]), [BATCH, places, WIDTH])
      const h = layerNorm(g, g.add(x, dense(g, joined, 'out', WIDTH)), 'norm1')
      const fed = dense(g, dense(g, h, 'up', 4 * WIDTH, g.relu), 'down', WIDTH)
      const z = layerNorm(g, g.add(h, fed), 'norm2')
      const flat = g.concat([g.reshape(z, [BATCH, places * WIDTH]), others])
      return { rows: [rows, others], loss: lossOf(g, perceptron(g, flat)) }
    },
  },
]

function feedsFor(inputs: TrainingStep['inputs']): Record<string, Values> {
  const random = new Random('bench')
  const feeds: Record<string, Values> = {}
  for (const { name, dtype, shape } of inputs) {
    const length = shape.reduce<number>((size, n) => size * Number(n), 1)
    if (dtype === 'int32') feeds[name] = Int32Array.from({ length }, () => random.int(64))
    else if (name === 'labels') feeds[name] = Float32Array.from({ length }, () => random.int(2))
    else if (name === 'weights' || name === 'mask') feeds[name] = new Float32Array(length).fill(1)
    else feeds[name] = Float32Array.from({ length }, () => random.normal(0, 0.1))
  }
  return feeds
}

async function measure({ name, build }: Model): Promise<Record<string, string | number>> {
  const t0 = performance.now()
  const g = new Graph()
  const { loss, rows } = build(g)
  const derivatives = gradients(g, loss, [...g.parameters, ...rows])
  const t1 = performance.now()
  emitModel(g, { loss, ...Object.fromEntries(derivatives.map((t, i) => [`d${i}`, t])) })
  const t2 = performance.now()
  const step = await TrainingStep.open(g, { loss, inputGradients: rows }, { threads: THREADS })
  const t3 = performance.now()

  const feeds = feedsFor(step.inputs)
  for (let i = 0; i < WARM_UP; i++) await step.run(feeds)
  const times: number[] = []
  const cpuTimes: number[] = []
  for (let turn = 0; turn < TURNS; turn++) {
    const before = process.cpuUsage()
    for (let i = 0; i < STEPS; i++) {
      const start = performance.now()
      await step.run(feeds)
      times.push(performance.now() - start)
    }
    const { user, system } = process.cpuUsage(before)
    cpuTimes.push((user + system) / 1000 / STEPS)
  }
  await step.close()
  times.sort((a, b) => a - b)
  const median = times[times.length >> 1] as number
  const cpu = Math.min(...cpuTimes)
  return {
    name,
    parameters: layoutOf(g).size,
    nodes: g.nodes.length,
    'file kB': Math.round(step.model.length / 1000),
    'build ms': round(t1 - t0),
    'emit ms': round(t2 - t1),
    'open ms (gradients, emit, load)': round(t3 - t2),
    'step ms p50': round(median),
    'step ms best': round(times[0] as number),
    'cpu ms per step, best turn': round(cpu),
    'examples/s at p50': Math.round((BATCH / median) * 1000),
    'examples per cpu second': Math.round((BATCH / cpu) * 1000),
  }
}

/** Side of the matrices of the ruler. */
const SIDE = 1024

/** Billions of multiplications and additions a second of one large matrix product: of the processor's time, and by the clock. */
async function ruler(): Promise<{ readonly cpu: number; readonly clock: number }> {
  const g = new Graph()
  const product = g.matmul(g.input('a', [SIDE, SIDE]), g.input('b', [SIDE, SIDE]))
  const session = await Session.open(emitModel(g, { product }), { threads: THREADS })
  const random = new Random('ruler')
  const matrix = () => Float32Array.from({ length: SIDE * SIDE }, () => random.normal())
  const feeds = { a: matrix(), b: matrix() }
  let [cpu, clock] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let i = 0; i < WARM_UP + STEPS; i++) {
    const [before, start] = [process.cpuUsage(), performance.now()]
    await session.run(feeds)
    const { user, system } = process.cpuUsage(before)
    if (i < WARM_UP) continue
    cpu = Math.min(cpu, (user + system) / 1000)
    clock = Math.min(clock, performance.now() - start)
  }
  await session.close()
  const billions = (ms: number) => Math.round((2 * SIDE ** 3) / 1e6 / ms)
  return { cpu: billions(cpu), clock: billions(clock) }
}

const round = (ms: number): number => Math.round(ms * 100) / 100

const results: Record<string, string | number>[] = []
for (const model of models) results.push(await measure(model))
const table = new Table({ head: ['', ...results.map(({ name }) => String(name))] })
for (const key of Object.keys(results[0] as object).slice(1)) table.push([key, ...results.map((result) => result[key])])
console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, batch ${BATCH}, ${THREADS} thread(s)`,
)
console.log(table.toString())
const gflops = await ruler()
console.log(
  `product of two ${SIDE} x ${SIDE} matrices: ${gflops.clock} GFLOP/s by the clock, ${gflops.cpu} per processor second`,
)
mkdirSync('bench/out', { recursive: true })
writeFileSync(
  'bench/out/graph.json',
  `${JSON.stringify({ batch: BATCH, threads: THREADS, gflops, results }, null, 2)}\n`,
)
