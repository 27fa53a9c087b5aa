import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import { readSamples } from '../../stream/samples/index.ts'
import type { Progress } from '../engine.ts'
import { checkSamples, exportSamples, importSamples } from './samples.ts'
import { type WorldFolder, worldFolder } from './testing/world-folder.ts'
import { Workshop } from './workshop.ts'

let folder: WorldFolder
beforeAll(async () => {
  folder = await worldFolder({ users: 60, items: 100, days: 4, events: 3000, seed: 'samples test' })
  await folder.write(folder.entries)
})
afterAll(() => folder.remove())

test('samples go out as Parquet and come back as what a training reads', async () => {
  const { data } = folder
  const asked = { data, config: completeConfig() }
  const parquet = join(data, 'out.parquet')
  const written = await exportSamples(asked, parquet)
  const report = await checkSamples({ ...asked, from: parquet })
  expect(report).toMatchObject({ requests: written.requests, impressions: written.impressions, pass: true })
  expect(report).toEqual(await checkSamples(asked))
  expect(report.features.filter(({ outside }) => outside > 0)).toEqual([])

  const file = join(data, 'back.samples')
  expect((await importSamples({ ...asked, from: parquet }, file)).pass).toBe(true)
  const own = join(data, 'own.samples')
  await exportSamples(asked, own)
  expect([...readSamples(file)]).toEqual([...readSamples(own)])
  const { samples } = await new Workshop(data, asked.config, undefined, { samples: file }).material()
  expect(samples.requests).toBe(written.requests)
  const told: string[] = []
  const onProgress = ({ phase }: Progress) => void told.push(phase)
  await expect(checkSamples({ ...asked, onProgress, from: join(data, 'none.samples') })).rejects.toMatchObject({
    code: 'ERR_SAMPLES_FILE',
  })
  await expect(exportSamples({ ...asked, onProgress }, parquet)).rejects.toMatchObject({ code: 'ERR_FILE_WRITE' })
  expect(told).toEqual([]) // before the journal is read
})
