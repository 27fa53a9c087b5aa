import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../../foundation/store/index.ts'
import { lossPlot, type RunEnd, type TrainingProgress } from '../../learning/training/index.ts'
import type { Draft } from '../../learning/registry/index.ts'

const LINES = 'run.jsonl'
const PLOT = 'loss.svg'

/** The record of one training, a line of JSON per report; it goes on where a killed run stopped. */
export class RunRecord {
  private readonly path: string

  constructor(folder: string) {
    makeFolder(folder)
    this.path = join(folder, LINES)
  }

  line(text: string): void {
    appendFileSync(this.path, `${text}\n`)
  }

  /** How a training stands that is under way. */
  progress(progress: TrainingProgress<Readonly<Record<string, number>>>): void {
    this.line(JSON.stringify({ kind: 'progress', ...progress }))
  }

  /** The last line: what came of it. */
  end(end: RunEnd): void {
    this.line(JSON.stringify({ kind: 'run', ...end }))
  }

  /** Keeps the lines, and the losses as a drawing, with the version that came of it. */
  keep(draft: Draft): void {
    if (!existsSync(this.path)) return
    const text = readFileSync(this.path, 'utf8')
    draft.write(LINES, text)
    draft.write(PLOT, lossPlot(text.split('\n')))
  }

  /** Begins anew, as a training does that does not go on from a checkpoint. */
  forget(): void {
    rmSync(this.path, { force: true })
  }
}
