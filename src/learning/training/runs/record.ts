/** A step of a training, as its record has it. */
export interface RunPoint {
  readonly phase: 'train' | 'validate'
  readonly epoch: number
  readonly step: number
  readonly steps: number
  readonly loss: number
  readonly examplesPerSecond: number
  readonly metrics?: Readonly<Record<string, number>>
}

/** What came of a training: the last line of its record. */
export interface RunEnd {
  readonly name: string
  readonly config: object
  readonly metrics: Readonly<Record<string, number>>
  readonly examples: number
  /** From 1; the last one where nothing is validated. */
  readonly bestEpoch: number
  readonly done: boolean
  readonly seconds: number
}

/** What is read out of the record of a training: JSON lines, of kind `progress` while it ran and `run` at its end. */
export interface RunRecord {
  readonly points: readonly RunPoint[]
  /** Missing for a run that has not ended, or was killed. */
  readonly end?: RunEnd
}

/**
 * Reads a record. A run that was killed and continued tells some steps twice: the later telling counts. A line that a kill
 * cut short is passed over.
 */
export function readRecord(text: string): RunRecord {
  const points = new Map<string, RunPoint>()
  let end: RunEnd | undefined
  for (const line of text.split('\n')) {
    const value = parsed(line)
    if (value?.['kind'] === 'run') end = value as unknown as RunEnd
    if (value?.['kind'] !== 'progress') continue
    const { phase, step } = value as unknown as RunPoint
    points.delete(`${phase} ${step}`) // a map keeps the order of first coming
    points.set(`${phase} ${step}`, value as unknown as RunPoint)
  }
  const ordered = [...points.values()].sort(
    (a, b) => a.step - b.step || Number(a.phase > b.phase) - Number(b.phase > a.phase),
  )
  return { points: ordered, ...(end && { end }) }
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
