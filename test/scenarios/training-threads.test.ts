import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEngine, openRegistry, type TrainReport } from '../../src/app/index.ts'
import { completeConfig } from '../../src/domain/index.ts'
import { sluice, type Started, start } from './cli-process.ts'

/** These tell of the run, when it was and how long it took; all others are what it came to. */
const OF_THE_RUN = ['run.jsonl', 'loss.svg']
const cwd = mkdtempSync(join(tmpdir(), 'sluice-train-threads-'))
let server: Started | undefined

beforeAll(async () => {
  const world = { users: 120, items: 250, days: 10, events: 10_000 }
  const engine = createEngine({ data: join(cwd, 'one'), config: completeConfig(), world })
  await engine.open()
  await engine.close()
  for (const copy of ['two', 'again']) cpSync(join(cwd, 'one'), join(cwd, copy), { recursive: true })
})
afterAll(async () => {
  server?.child.kill('SIGTERM')
  await server?.ended
  rmSync(cwd, { recursive: true, force: true })
})

async function trained(data: string, threads: string): Promise<TrainReport> {
  const words = ['train', 'wdl', '--data', data, '--epochs', '2', '--threads', threads, '--json']
  const { code, out, err } = await sluice(words, { cwd })
  if (code !== 0 && code !== 1) throw new Error(err) // 1: a gate failed, which so small a world may bring about
  return JSON.parse(out) as TrainReport
}

const filesOf = (data: string) =>
  openRegistry(join(cwd, data))
    .show('wdl', '000001')
    .files.filter(({ name }) => !OF_THE_RUN.includes(name))

it('a step that two threads share comes to what one computes but for rounding, and to the same bytes every time', async () => {
  const [one, two, again] = [await trained('one', '1'), await trained('two', '2'), await trained('again', '2')]
  expect(two).toMatchObject({ model: 'wdl', version: '000001', examples: one.examples })
  for (const metric of ['auc', 'logloss']) expect(two.metrics[metric]).toBeCloseTo(one.metrics[metric] as number, 3)
  expect(again.metrics).toEqual(two.metrics)
  expect(filesOf('again')).toEqual(filesOf('two'))
  expect(filesOf('two')).not.toEqual(filesOf('one'))
})

it('the version before goes on serving when a training beside the server is killed', async () => {
  const registry = openRegistry(join(cwd, 'two'))
  const { schema, name, version, createdAt, files, state, ...rest } = registry.show('wdl', '000001')
  const draft = registry.draft('wdl') // what it says of itself decides whether it may serve: here it may
  for (const file of files) draft.write(file.name, readFileSync(join(registry.folder, name, version, file.name)))
  const gates = [{ gate: 'data', pass: true, value: 1, limit: 1, say: 'for a test' }]
  await draft.commit({ ...rest, gates })
  await registry.promote('wdl', '000002')
  const config = {
    learning: { eventsMin: 0, models: ['wdl'], everyHours: 1e-6, threads: 2 },
    ranking: { fine: 'wdl', coarse: 'bootstrap', degraded: 'bootstrap' },
    server: { log: 'error' },
  }
  writeFileSync(join(cwd, 'c.json'), JSON.stringify(config))
  server = start(['up', '--data', 'two', '--world', 'none', '--port', '0', '--config', 'c.json'], { cwd })
  await server.until(/Ready in/)
  await killTrainerOf(server)
  await server.until(/a training ended by accident; what serves goes on serving/)
  const status = JSON.parse((await sluice(['status', '--data', 'two', '--json'], { cwd })).out)
  expect(status.models.wdl).toBe('000002')
  expect(status.learning).toMatchObject({ state: 'waiting', failed: { wdl: expect.stringContaining('SIGKILL') } })
  const slate = JSON.parse((await sluice(['slate', 'home', '--data', 'two', '--json'], { cwd })).out)
  expect(slate.models.fine).toBe('wdl/000002')
  expect(registry.versions('wdl')).toEqual(['000001', '000002']) // nothing half made
})

async function killTrainerOf({ child }: Started): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const [pid] = trainersOf(child.pid as number)
    if (pid !== undefined) return void process.kill(pid, 'SIGKILL')
    await wait(25)
  }
  throw new Error('The server began no training')
}

function trainersOf(pid: number): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid), '-f', 'trainer.js'], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number)
  } catch {
    return [] // there is none
  }
}
