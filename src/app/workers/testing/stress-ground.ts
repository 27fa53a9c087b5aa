import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import {
  aside,
  BorrowedArrays,
  Cell,
  Column,
  Documents,
  type Handover,
  IdTable,
  Lists,
  type LockCells,
  PairTable,
  ReadSide,
  type Shelf,
  type Shelved,
} from '../../../foundation/base/index.ts'
import { Gate } from '../gate.ts'

/** State whose parts say the same thing in several ways, so that a torn read shows. */
export class Ground implements Shelved {
  private readonly lists = new Lists()
  private readonly ids = new IdTable()
  private readonly documents = new Documents<{ readonly row: number; readonly steps: number }>()
  private readonly pairs = new PairTable()
  private readonly steps = new Column(Uint32Array)
  private readonly all = new Cell()

  /** Moves lists, grows tables, rewrites documents, shifts pairs. */
  step(n: number): void {
    const row = Math.floor(Math.sqrt(n * 7919) % (50 + n / 16))
    while (this.ids.size <= row) {
      this.steps.ensure(this.ids.size)
      this.ids.row(`id of ${this.ids.size}`)
    }
    this.steps.array[row]++
    this.lists.push(row, this.steps.array[row])
    this.documents.put(row, { row, steps: this.steps.array[row] })
    if (this.steps.array[row] % 3 === 0) this.pairs.remove(row, 1)
    else this.pairs.slot(row, 1)
    this.all.value++
  }

  /** What is wrong with it, or undefined. */
  fault(random: () => number): string | undefined {
    let sum = 0
    for (let row = 0; row < this.ids.size; row++) sum += this.steps.array[row]
    if (sum !== this.all.value) return `steps of the rows sum to ${sum}, not ${this.all.value}`
    for (let look = 0; look < 20 && this.ids.size > 0; look++) {
      const row = Math.floor(random() * this.ids.size)
      const steps = this.steps.array[row]
      if (this.ids.name(row) !== `id of ${row}` || this.ids.find(`id of ${row}`) !== row) return `id of row ${row}`
      const list = this.lists.view(row)
      if (list.length !== steps) return `list of row ${row}: ${list.length} of ${steps}`
      for (let i = 0; i < steps; i++) if (list[i] !== i + 1) return `list of row ${row} at ${i}: ${list[i]}`
      const document = this.documents.get(row)
      if ((document?.steps ?? 0) !== steps || (document && document.row !== row)) return `document of row ${row}`
      if (this.pairs.find(row, 1) >= 0 !== (steps > 0 && steps % 3 !== 0)) return `pair of row ${row}`
    }
    return undefined
  }

  shelve(shelf: Shelf): void {
    for (const name of ['lists', 'ids', 'documents', 'pairs', 'steps', 'all'] as const) shelf.part(name, this[name])
  }
}

export interface StressOrder {
  readonly cells: LockCells
  readonly reader: number
  readonly handover: Handover
  readonly states: MessagePort
  readonly forMs: number
}

/** Reads all the time, from every kind of callback, and says what was wrong. */
async function read({ cells, reader, handover, states, forMs }: StressOrder): Promise<void> {
  const ground = new Ground()
  const arrays = new BorrowedArrays(ground)
  arrays.take(handover)
  const side = new ReadSide(cells, reader)
  const gate = new Gate({ side, arrays, generation: 0, states })
  gate.open()
  const faults: string[] = []
  let looks = 0
  let asides = 0
  let held = 0
  const look = () => {
    looks++
    const fault = ground.fault(Math.random)
    if (fault !== undefined) faults.push(fault)
  }
  const end = performance.now() + forMs
  while (performance.now() < end) {
    look()
    await undefined
    look()
    await turn()
    look()
    await sleep(looks % 5 === 0 ? 1 : 0)
    await aside(() => new Promise<void>((done) => setImmediate(() => done(void (side.isIn ? held++ : asides++)))))
    look()
    process.nextTick(look)
    queueMicrotask(look)
    setTimeout(look, 1)
  }
  parentPort?.postMessage({ looks, asides, held, waited: side.takeWaits().length, faults: faults.slice(0, 5) })
  states.close()
}

const order = workerData as StressOrder | null
if (order?.cells) void read(order)
