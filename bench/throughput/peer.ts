import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { layoutOf, slotView, type Tensor, type Values } from '../../src/learning/graph/index.ts'
import type { PeerTask } from './subject.ts'

/** What a peer said of some steps. */
export interface PeerSteps {
  /** Milliseconds of each. */
  readonly wall: readonly number[]
  readonly losses: readonly number[]
}

/** A peer's process that has the same step ready. */
export class Peer {
  readonly pid: number
  private readonly child: ChildProcessWithoutNullStreams
  private readonly lines: AsyncIterator<string>
  private readonly folder: string
  private said = ''

  private constructor(child: ChildProcessWithoutNullStreams, folder: string) {
    this.child = child
    this.pid = child.pid as number
    this.folder = folder
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    child.stderr.on('data', (text: Buffer) => {
      this.said = `${this.said}${text.toString()}`.slice(-2000)
    })
  }

  /** `command`: what runs it, but for the folder of the task. @throws Error with what it said when it cannot */
  static async open([program, ...rest]: readonly [string, ...string[]], task: PeerTask, env = {}): Promise<Peer> {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-peer-'))
    writeTask(folder, task)
    const peer = new Peer(spawn(program, [...rest, folder], { env: { ...process.env, ...env } }), folder)
    await peer.answer()
    return peer
  }

  async run(steps: number): Promise<PeerSteps> {
    this.child.stdin.write(`${steps}\n`)
    return JSON.parse(await this.answer()) as PeerSteps
  }

  close(): void {
    this.child.stdin.end()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private async answer(): Promise<string> {
    const { value, done } = await this.lines.next()
    if (!done) return value
    this.close()
    throw new Error(this.said.trim() || 'it ended and said nothing')
  }
}

/** The graph as JSON, in the words of the vocabulary, and every array as a file of its bytes. */
function writeTask(folder: string, { trained, parameters, feeds, gathered, tables, rates }: PeerTask): void {
  const { graph, plan } = trained
  let files = 0
  const file = (values: Values | Uint32Array): string => {
    const name = `${files++}.bin`
    writeFileSync(join(folder, name), new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    return name
  }
  const leaf = ({ id, shape, dtype, source }: Tensor) => ({
    id,
    shape,
    dtype,
    name: 'name' in source ? source.name : '',
  })
  const slots = new Map(layoutOf(graph).slots.map((slot) => [slot.name, slot]))
  const constants = new Map<number, object>()
  const nodes = graph.nodes.map(({ op, inputs, outputs, attributes }) => {
    for (const t of inputs)
      if (t.source.kind === 'constant') constants.set(t.id, { ...leaf(t), file: file(t.source.values) })
    return { op, inputs: inputs.map(({ id }) => id), outputs: outputs.map(({ id }) => id), attributes }
  })
  const written = {
    parameters: graph.parameters.map((t) => {
      const said = leaf(t)
      const slot = slots.get(said.name)
      return { ...said, file: slot && file(slotView(parameters, slot)), decayed: t.shape.length > 1 }
    }),
    inputs: graph.inputs.map((t) => {
      const said = leaf(t)
      const parts = gathered[said.name]
      if (parts === undefined) return { ...said, file: file(feeds[said.name] as Values) }
      return {
        ...said,
        parts: parts.map(({ table, bag, rows }) => ({ table, bag, rows: rows === 'whole' ? rows : file(rows) })),
      }
    }),
    tables: tables.map(({ name, dim, values, dense }) => ({
      name,
      dense,
      shape: [values.length / dim, dim],
      file: file(values),
    })),
    ...{ constants: [...constants.values()], nodes, rates, loss: plan.loss.id },
  }
  writeFileSync(join(folder, 'task.json'), JSON.stringify(written))
}
