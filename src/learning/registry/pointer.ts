import fs from 'node:fs'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { SluiceError } from '../../foundation/base/index.ts'
import { parserOf } from '../../domain/index.ts'
import { replaceFile } from './disk.ts'

/** Where a version stands. `candidate`: registered and nothing more. */
export const states = ['candidate', 'shadow', 'live', 'retired'] as const
export type ModelState = (typeof states)[number]

/** Changes remembered; older ones are dropped. */
const LOG_MAX = 200

const Pointer = Type.Object({
  schema: Type.Literal(1),
  live: Type.Union([Type.String(), Type.Null()]),
  shadow: Type.Array(Type.String()),
  retired: Type.Array(Type.String()),
  /** Versions that were live before, latest last: where a rollback goes. */
  before: Type.Array(Type.String()),
  /** Highest version number that was ever removed, so that none is given out twice. */
  removed: Type.Integer({ minimum: 0 }),
  log: Type.Array(
    Type.Object({ at: Type.Number(), action: Type.String(), version: Type.String(), say: Type.String() }),
  ),
})
/**
 * The standing of all versions of one model, in one small file. It changes by being replaced, so a promotion happens
 * wholly or not at all, however it is interrupted.
 */
export type Pointer = Static<typeof Pointer>

const parse = parserOf(Pointer)
const FILE = 'pointer.json'

export function readPointer(folder: string): Pointer {
  const path = join(folder, FILE)
  let text: string
  try {
    text = fs.readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return { schema: 1, live: null, shadow: [], retired: [], before: [], removed: 0, log: [] }
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new SluiceError('ERR_DATA_CORRUPT', [path, '0'], { cause: error })
  }
  const parsed = parse(value)
  if (!parsed.ok) throw new SluiceError('ERR_DATA_CORRUPT', [path, '0'])
  return parsed.value
}

export function writePointer(folder: string, pointer: Pointer): void {
  replaceFile(join(folder, FILE), `${JSON.stringify({ ...pointer, log: pointer.log.slice(-LOG_MAX) }, null, 2)}\n`)
}

export function stateOf(pointer: Pointer, version: string): ModelState {
  if (pointer.live === version) return 'live'
  if (pointer.shadow.includes(version)) return 'shadow'
  return pointer.retired.includes(version) ? 'retired' : 'candidate'
}

/** The pointer when no version is in the shadow: those that a rollback may go to are retired again, others candidates. */
export function shadowless(pointer: Pointer): Pointer {
  const served = pointer.shadow.filter((version) => pointer.before.includes(version))
  return { ...pointer, shadow: [], retired: [...pointer.retired, ...served] }
}

/** The pointer after a version has taken a new standing. */
export function moved(pointer: Pointer, version: string, state: ModelState): Pointer {
  const without = (versions: readonly string[]) => versions.filter((one) => one !== version)
  const next: Pointer = { ...pointer, shadow: without(pointer.shadow), retired: without(pointer.retired) }
  if (pointer.live === version) next.live = null
  if (state === 'shadow') next.shadow = [...next.shadow, version]
  if (state === 'retired') next.retired = [...next.retired, version]
  if (state === 'live') {
    if (pointer.live !== null && pointer.live !== version) {
      next.retired = [...next.retired, pointer.live]
      next.before = [...without(next.before).filter((one) => one !== pointer.live), pointer.live]
    }
    next.live = version
  }
  return next
}
