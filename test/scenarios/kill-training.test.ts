import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEngine, type TrainReport } from '../../src/app/index.ts'
import { completeConfig } from '../../src/domain/index.ts'
import { sluice, start } from './cli-process.ts'

const MODEL = 'bst-isolated'
/** These tell of the run, when it was and how long it took; all others are what it came to. */
const OF_THE_RUN = ['run.jsonl', 'loss.svg']
const cwd = mkdtempSync(join(tmpdir(), 'sluice-kill-train-'))

beforeAll(async () => {
  const world = { users: 120, items: 250, days: 10, events: 10_000 }
  const engine = createEngine({ data: join(cwd, 'whole'), config: completeConfig(), world })
  await engine.open()
  await engine.close()
  cpSync(join(cwd, 'whole'), join(cwd, 'killed'), { recursive: true })
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const words = (data: string) => ['train', MODEL, '--data', data, '--epochs', '3', '--set', 'history=10', '--json']
const checkpoints = join(cwd, 'killed', 'models', '.work', MODEL, 'checkpoints')
const version = join(cwd, 'killed', 'models', MODEL, '000001')

/** Kills a training at the first moment at which a checkpoint named like this is there. */
async function killAt(checkpoint: RegExp): Promise<void> {
  const { child, ended } = start(words('killed'), { cwd })
  const found = () => existsSync(checkpoints) && readdirSync(checkpoints).some((name) => checkpoint.test(name))
  while (!found() && child.exitCode === null) await wait(1)
  child.kill('SIGKILL')
  expect((await ended).code).toBe(null)
  expect(existsSync(version)).toBe(false)
}

const reportOf = ({ out, err, code }: Awaited<ReturnType<typeof sluice>>): TrainReport => {
  if (code !== 0 && code !== 1) throw new Error(err) // 1: a gate failed, which so small a world may bring about
  return JSON.parse(out) as TrainReport
}

function filesOf(data: string): { name: string; sha256: string }[] {
  const path = join(cwd, data, 'models', MODEL, '000001', 'manifest.json')
  const { files } = JSON.parse(readFileSync(path, 'utf8')) as { files: { name: string; sha256: string }[] }
  return files.filter(({ name }) => !OF_THE_RUN.includes(name))
}

it('killed twice and asked for again, a training ends with the bytes of one that was never killed', async () => {
  const whole = reportOf(await sluice(words('whole'), { cwd }))
  await killAt(/^step-\d+$/) // one epoch is behind it
  const left = readdirSync(checkpoints)
  expect(left).toContain('best')
  const [first] = left.filter((name) => name.startsWith('step-'))
  await killAt(new RegExp(`^(?!${first}$)step-\\d+$`)) // it went on from there: the next checkpoint is another one
  const again = reportOf(await sluice(words('killed'), { cwd }))
  expect(again).toMatchObject({ version: '000001', examples: whole.examples, metrics: whole.metrics })
  const files = filesOf('killed')
  expect(files.length).toBeGreaterThan(4)
  expect(files).toEqual(filesOf('whole'))
  expect(existsSync(join(checkpoints, '..'))).toBe(false)
})
