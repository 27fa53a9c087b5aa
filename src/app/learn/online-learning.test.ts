import { expect, it } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import type { TrainNews } from './child.ts'
import { OnlineLearning } from './online-learning.ts'

const config = completeConfig({ learning: { online: { model: 'wdl' } } })
const soon = (ms = 20) => new Promise((resolve) => setTimeout(resolve, ms))

/** Processes that a test ends as it likes. */
function processes() {
  const begun: { tell: (news: TrainNews) => void; die: (why: string) => void }[] = []
  let stops = 0
  const begin = (tell: (news: TrainNews) => void) => {
    let die: (why: string) => void = () => undefined
    const ended = new Promise<void>((_, reject) => {
      die = (why) => reject(new Error(why))
    })
    begun.push({ tell, die })
    const stop = async () => {
      stops++
    }
    return { ended, stop }
  }
  return { begun, begin, stopped: () => stops }
}

const report = (kind: 'update' | 'learning', say: string): TrainNews => ({
  kind: 'online',
  report: { model: 'wdl', kind, say },
})

it('begins again after an accident, five times in a row at most; an update begins the count anew', async () => {
  const { begun, begin } = processes()
  const online = new OnlineLearning({ data: 'd', config, log: undefined, begin, restartMs: 1 })
  online.start()
  begun[0]?.tell(report('learning', 'wdl learns on from version 000001'))
  expect(online.status).toBe('wdl learns on from version 000001')
  for (let accident = 1; accident <= 5; accident++) {
    begun.at(-1)?.die('SIGKILL')
    await soon(60)
    expect(begun).toHaveLength(accident + 1)
  }
  begun.at(-1)?.tell(report('update', 'update 1 of wdl/000001'))
  begun.at(-1)?.die('SIGKILL')
  await soon()
  expect(begun).toHaveLength(7)
  for (let accident = 0; accident < 5; accident++) {
    begun.at(-1)?.die('out of memory')
    await soon(60)
  }
  expect(begun).toHaveLength(11) // of the five, the last one was the sixth in a row
  expect(online.status).toBe('it is off until the next start, after 6 accidents in a row: out of memory')
})

it('does not begin again when it is stopped, nor at all without a model', async () => {
  const { begun, begin, stopped } = processes()
  const online = new OnlineLearning({ data: 'd', config, log: undefined, begin, restartMs: 40 })
  online.start()
  begun[0]?.die('SIGKILL')
  await soon(5)
  expect(online.status).toBe('it begins again: SIGKILL')
  await online.stop()
  await soon(80)
  expect(begun).toHaveLength(1)
  const off = new OnlineLearning({ data: 'd', config: completeConfig(), log: undefined, begin })
  off.start()
  expect(off.status).toBeUndefined()
  expect(begun).toHaveLength(1)
  const other = new OnlineLearning({ data: 'd', config, log: undefined, begin })
  other.start()
  await other.stop()
  expect(stopped()).toBe(1)
})
