import fs from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { completeConfig, type SettableModel } from '../../domain/index.ts'
import type { Space, Trial } from '../../learning/training/index.ts'
import { folderOf } from '../folder.ts'
import { listRuns, plotRun, showRun } from './runs.ts'
import { runSweep, type SweepOptions, sweepFolder } from './sweep.ts'
import { lockTask } from './task-lock.ts'
import { type WorldFolder, worldFolder } from './testing/world-folder.ts'
import { train } from './train.ts'

let folder: WorldFolder
beforeAll(async () => {
  folder = await worldFolder({ users: 80, items: 150, days: 8, events: 9000, seed: 'sweep test' })
  await folder.write(folder.entries)
})
afterAll(() => folder.remove())

test.each<[SettableModel, Space, string]>([
  ['sequence', { rate: [1e-6, 5e-3, 1e-7], width: [16], length: [32] }, 'rate'],
  ['two-tower', { denseRate: [1e-7, 5e-3, 1e-8], tableRate: [1e-7, 0.1, 1e-8], width: [16] }, 'denseRate'],
])('a sweep of %s tries on a part, then on all, and keeps what did best', async (model, space, name) => {
  const { data } = folder
  const options: SweepOptions = { data, config: completeConfig(), model, space, trials: 3, epochs: 2, seed: '3' }
  const { best, trials, run, file } = await runSweep(options)
  expect(trials.map(({ rung }) => rung)).toEqual([0, 0, 0, 1])
  expect(trials.map(({ share }) => share)).toEqual([1 / 3, 1 / 3, 1 / 3, 1])
  expect(trials[3]?.examples).toBeGreaterThan(2 * (trials[0]?.examples ?? Number.NaN))
  const values = trials.slice(0, 3).map(({ value }) => value ?? Number.NaN)
  expect(best?.trial).toBe(values.indexOf(Math.max(...values)))
  expect(best?.value).toBe(best?.metrics[model === 'sequence' ? 'ndcg@10' : 'recall@100'])
  expect(best?.settings).toHaveProperty(name)
  expect(plotRun(data, `sweep/${run}`)).toContain(`value by ${name}`)
  const again: Trial[] = []
  await runSweep({ ...options, onTrial: (trial) => again.push(trial) })
  expect(again).toEqual([]) // all of it is in the record
  const lock = lockTask(data, `sweep ${run}`)
  await expect(runSweep(options)).rejects.toMatchObject({ code: 'ERR_TRAIN_BUSY' })
  lock.release()
  fs.rmSync(file)
  await expect(runSweep({ ...options, space: { width: [6] } })).rejects.toThrow('Cannot set {"width":6}: width must be')
})

test('a sweep keeps each trial, goes on where it was killed, and is told among the runs', async () => {
  const { data } = folder
  const config = completeConfig()
  const told: Trial[] = []
  const space = { denseRate: [1e-3, 1e-5, 3e-3], width: [8] }
  const options: SweepOptions = { data, config, model: 'wdl', space, grid: true, trials: 1, epochs: 1, seed: '1' }
  const report = await runSweep({ ...options, onTrial: (trial) => told.push(trial) })
  expect(told.map(({ trial, rung }) => [trial, rung])).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
    [expect.any(Number), 1],
  ])
  expect(report.best?.settings).toMatchObject({ width: 8 })

  // Killed amid the last line: that trial is run again, the others are not.
  const text = fs.readFileSync(report.file, 'utf8')
  fs.writeFileSync(report.file, text.slice(0, -40))
  const again: Trial[] = []
  const second = await runSweep({ ...options, onTrial: (trial) => again.push(trial) })
  expect(again.map(({ rung }) => rung)).toEqual([1])
  expect(second.best).toMatchObject({ trial: report.best?.trial, value: report.best?.value })

  const run = `sweep/${report.run}`
  expect(listRuns(data)).toMatchObject([{ run, state: 'sweep', steps: 4 }])
  expect(showRun(data, run)).toMatchObject({ kind: 'sweep', asked: { model: 'wdl', candidates: 3 } })
  expect(plotRun(data, run)).toContain('value by denseRate')
  expect(() => showRun(data, 'wdl/000007')).toThrow(`there are ${run}`)
  expect(fs.readdirSync(sweepFolder(folderOf(data).models))).toEqual([`${report.run}.jsonl`])

  // What was found is what a training takes.
  const trained = await train({ data, config, model: 'wdl', settings: { denseRate: 3e-3, width: 8 }, epochs: 1 })
  const shown = showRun(data, `wdl/${trained.version}`)
  expect(shown).toMatchObject({ kind: 'training', end: { config: { denseRate: 3e-3, width: 8 } } })
  expect(plotRun(data, `wdl/${trained.version}`)).toContain('click.auc on the validation part')
  await expect(train({ data, config, model: 'coarse', settings: { width: 8 } })).rejects.toThrow(/takes no settings/)
  expect(fs.existsSync(join(folderOf(data).models, '.work', 'wdl'))).toBe(false)
})
