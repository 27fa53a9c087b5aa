import fs from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import type { Trial } from '../../learning/training/index.ts'
import { folderOf } from '../folder.ts'
import { listRuns, plotRun, showRun } from './runs.ts'
import { runSweep, type SweepOptions, sweepFolder } from './sweep.ts'
import { type WorldFolder, worldFolder } from './testing/world-folder.ts'
import { train } from './train.ts'

let folder: WorldFolder
beforeAll(async () => {
  folder = await worldFolder({ users: 80, items: 150, days: 8, events: 9000, seed: 'sweep test' })
  await folder.write(folder.entries)
})
afterAll(() => folder.remove())

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
}, 60_000)
