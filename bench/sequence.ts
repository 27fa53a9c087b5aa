/**
 * What a step of sequence training costs, whole - batch, dropout masks, graph, optimiser - and what encoding one viewer
 * costs. Histories fill their rows, so sequences/s is places/s divided by the length. Random data: speed does not depend
 * on it. Run:
 *
 *     npm run bench bench/sequence.ts
 *
 * STEPS and ENCODES set the size; with TIMED=1 half of the items come out on the way, and are masked before. Writes bench/out/sequence.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import Table from 'cli-table3'
import { Random } from '../src/foundation/base/index.ts'
import { layoutOf } from '../src/learning/graph/index.ts'
import {
  HistoryEncoder,
  sequenceDefaults,
  type SequenceLoss,
  type SequenceModel,
  sequenceServing,
} from '../src/learning/models/index.ts'
import { leaveOneOut } from '../src/stream/samples/index.ts'
import { historiesOf, type TrainingRecord, trainSequence } from '../src/learning/training/index.ts'

const STEPS = Number(process.env['STEPS'] ?? 30)
const ENCODES = Number(process.env['ENCODES'] ?? 500)
const ITEMS = 3416
/** Places per step, whatever the length. */
const PLACES = 3200
const LENGTHS = [50, 200]
/** Do half of the items come out while the histories go on? */
const TIMED = process.env['TIMED'] === '1'

const random = new Random('bench')
const machine = `${cpus()[0]?.model.trim()} x ${cpus().length}, node ${process.version}`
const losses: SequenceLoss[] = [{ kind: 'full' }, { kind: 'sampled', negatives: 256 }]

const steps = []
for (const length of LENGTHS) {
  for (const loss of losses) {
    for (const threads of [1, 2]) {
      const cpuBefore = process.cpuUsage()
      const record = await training(length, loss, threads)
      const { user, system } = process.cpuUsage(cpuBefore)
      const sequencesPerSecond = Math.round(record.placesPerSecond / length)
      const cpuMs = Math.round((user + system) / 1000 / STEPS)
      steps.push({
        length,
        loss: loss.kind,
        threads,
        sequencesPerSecond,
        placesPerSecond: Math.round(record.placesPerSecond),
        cpuMs,
      })
    }
  }
}
const encodes = []
for (const length of LENGTHS) encodes.push(await encoding(length))

show(['length', 'loss', 'threads', 'sequences/s', 'places/s', 'cpu ms/step, with start'], steps)
show(['history', 'p50 ms', 'p99 ms'], encodes)
mkdirSync('bench/out', { recursive: true })
const config = { items: ITEMS, placesPerStep: PLACES, ...sequenceDefaults }
writeFileSync('bench/out/sequence.json', `${JSON.stringify({ machine, config, steps, encodes }, null, 2)}\n`)

/** The last step record of an epoch of STEPS steps. */
async function training(
  length: number,
  loss: SequenceLoss,
  threads: number,
): Promise<TrainingRecord & { kind: 'step' }> {
  const rows = PLACES / length
  const list = (): number[] => Array.from({ length: length + 3 }, () => random.int(ITEMS)) // the last three are targets
  const plain = historiesOf(Array.from({ length: rows * STEPS }, list), ITEMS)
  const at = Float32Array.from(plain.item, () => random.next())
  const since = Float32Array.from({ length: ITEMS }, (_, row) => (row % 2 === 0 ? random.next() : 0))
  const histories = { ...plain, ...(TIMED && { times: { at, since } }) }
  let last: (TrainingRecord & { kind: 'step' }) | undefined
  await trainSequence(
    histories,
    leaveOneOut(histories),
    { model: { length }, rows, loss, epochs: 1, validation: 1 },
    {
      threads,
      logUpdates: STEPS,
      log: (record) => {
        if (record.kind === 'step') last = record
      },
    },
  )
  if (last === undefined) throw new Error('no step was reported')
  return last
}

async function encoding(length: number): Promise<Record<string, number>> {
  const config = { ...sequenceDefaults, length: 200 }
  const values = (size: number): Float32Array => Float32Array.from({ length: size }, () => random.normal(0, 0.1))
  const { size } = layoutOf(sequenceServing(config).graph)
  const model: SequenceModel = { config, items: ITEMS, parameters: values(size), table: values(ITEMS * config.width) }
  const encoder = await HistoryEncoder.open(model)
  const times = new Float64Array(ENCODES)
  for (let i = -20; i < ENCODES; i++) {
    const history = Array.from({ length }, () => random.int(ITEMS))
    const begin = performance.now()
    await encoder.encode(history)
    if (i >= 0) times[i] = performance.now() - begin
  }
  await encoder.close()
  times.sort()
  const at = (share: number): number => Number(times[Math.floor((ENCODES - 1) * share)]?.toFixed(3))
  return { history: length, p50: at(0.5), p99: at(0.99) }
}

function show(head: string[], rows: readonly object[]): void {
  const table = new Table({ head })
  for (const row of rows) table.push(Object.values(row))
  console.log(table.toString())
}
