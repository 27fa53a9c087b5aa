import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import { folderOf } from '../folder.ts'
import { trainOnline } from './online.ts'
import { lockTask } from './task-lock.ts'
import { train } from './train.ts'

const config = completeConfig()
/** What a training says of an empty journal. */
const NOTHING = 'ERR_TRAIN_DATA'
let data: string
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'sluice-task-lock-'))
  mkdirSync(folderOf(data).journal)
})
afterEach(() => rmSync(data, { recursive: true, force: true }))

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code,
  )
const learn = () =>
  codeOf(
    trainOnline({
      ...{ data, config, model: 'wdl', everySeconds: 1, windowSeconds: 1, snapshotMinutes: 1 },
      signal: AbortSignal.abort(),
    }),
  )

it('keeps a second training of a model off, and says who trains it; others are trained', async () => {
  const lock = lockTask(data, 'train wdl')
  await expect(train({ data, config, model: 'wdl' })).rejects.toThrow(
    `Cannot train wdl: process ${process.pid} does so on this folder`,
  )
  expect(await codeOf(train({ data, config, model: 'din' }))).toBe(NOTHING)
  expect(await learn()).toBe('done')
  lock.release()
  expect(await codeOf(train({ data, config, model: 'wdl' }))).toBe(NOTHING)
  expect(await codeOf(train({ data, config, model: 'wdl' }))).toBe(NOTHING) // what failed keeps nobody off
})

it('keeps a second one off that learns from the stream', async () => {
  const lock = lockTask(data, 'learn wdl')
  expect(await learn()).toBe('ERR_TRAIN_BUSY')
  lock.release()
  expect(await learn()).toBe('done')
})

it('leaves a folder that holds no data as it is', async () => {
  rmSync(folderOf(data).journal, { recursive: true })
  expect(await codeOf(train({ data, config, model: 'wdl' }))).toBe('ERR_DATA_MISSING')
  expect(readdirSync(data)).toEqual([])
})

it('counts for nothing once its process is gone', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  const folder = join(folderOf(data).models, '.locks', 'train-wdl')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'lock.json'), JSON.stringify({ pid, started: '' }))
  expect(await codeOf(train({ data, config, model: 'wdl' }))).toBe(NOTHING)
})
