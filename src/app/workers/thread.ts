/**
 * A thread that makes slates: `Member` starts it with the arrays of the state and the engine's configuration. It reads the
 * state and never changes it; everything it counts goes back with the slate.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { BorrowedArrays, ReadSide, systemClock } from '../../foundation/base/index.ts'
import type { Log } from '../../foundation/telemetry/index.ts'
import { onlineFeatures } from '../../serving/features/index.ts'
import { folderOf, secretOf } from '../folder.ts'
import { createParts } from '../parts.ts'
import { SlateMaker } from '../serve/maker.ts'
import type { ShadowNews } from '../serve/shadows.ts'
import { warmUp } from '../serve/warm-up.ts'
import { BorrowedIndexes, FollowedModels } from './follow.ts'
import { Gate } from './gate.ts'
import {
  type FromThread,
  type Lead,
  machineMs,
  movedBuffers,
  sentError,
  type SlateOrder,
  type ThreadOrder,
  type ToThread,
} from './messages.ts'

/** Exit code of a thread that is killed by an injected fault. */
const KILLED = 137

const order = workerData as ThreadOrder
const { config, data, digest, records } = order
const tell = (message: FromThread, moved: ArrayBuffer[] = []) => parentPort?.postMessage(message, moved)
const line = (level: keyof Log) => (fields: object, text: string) => tell({ kind: 'log', level, fields, text })
const log: Log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }

const online = await onlineFeatures(config.features, systemClock, log)
const borrowed = new BorrowedIndexes(order.reader)
const parts = createParts(config, systemClock, secretOf(data), online.make, (source) => borrowed.homeOf(source))
const arrays = new BorrowedArrays(parts.state)
arrays.take(order.handover)
const { generation, states, cells, reader } = order
const side = new ReadSide(cells, reader)
new Gate({ side, arrays, generation, states }).open()

const { ladder, indexes } = parts
const shadowed = (news: ShadowNews) => tell({ kind: 'shadowed', news })
const maker = new SlateMaker(parts, { digest, records, shadowed })
if (order.slim) indexes.slim.restore(order.slim.model, order.slim.entries)
const models = new FollowedModels(folderOf(data).models, parts.models, log)
await follow(order.lead)
await warmUp(maker, parts)
ladder.injector.set(order.injections)
parentPort?.on('message', (message: ToThread) => void take(message))
tell({ kind: 'ready' })

async function take(message: ToThread): Promise<void> {
  switch (message.kind) {
    case 'slate':
      return make(message)
    case 'forget':
      ladder.cached.forget(message.row)
      parts.online.forget(message.row)
      return tell({ kind: 'forgotten', id: message.id })
    case 'faults':
      return ladder.injector.set(message.injections)
    case 'slim':
      return indexes.slim.restore(message.slim.model, message.slim.entries)
    case 'follow':
      return follow(message.lead)
    case 'stop':
      return stop()
  }
}

async function make({ id, request, turn, waitedMs, sentAt }: SlateOrder): Promise<void> {
  if (ladder.injector.strike('worker')) process.exit(KILLED)
  try {
    const arrived = systemClock.ticks() - waitedMs - (machineMs() - sentAt)
    const made = await maker.make(request, turn, arrived)
    tell({ kind: 'made', id, made, waits: side.takeWaits() }, movedBuffers(made))
  } catch (error) {
    tell({ kind: 'failed', id, error: sentError(error) })
  }
}

/** Indexes come before the models that search them. */
function follow(lead: Lead): Promise<void> {
  borrowed.take(lead.indexes)
  return models.follow(lead.models)
}

async function stop(): Promise<void> {
  await models.close()
  await online.close()
  states.close()
  parentPort?.close()
}
