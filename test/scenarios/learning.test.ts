import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { sluice, type Started, start } from './cli-process.ts'

const cwd = mkdtempSync(join(tmpdir(), 'sluice-learning-'))
const running: Started[] = []

afterAll(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGTERM')
    await ended
  }
  rmSync(cwd, { recursive: true, force: true })
})

const up = (...more: string[]): Started => {
  const started = start(['up', '--data', 'd', '--world', 'small', '--port', '0', '--config', 'c.json', ...more], {
    cwd,
  })
  running.push(started)
  return started
}

async function stop(started: Started): Promise<void> {
  started.child.kill('SIGTERM')
  await started.ended
}

const listed = async (): Promise<{ name: string; version: string }[]> =>
  JSON.parse((await sluice(['models', 'list', '--data', 'd', '--json'], { cwd })).out)

/** Waits until the status says so of the training that goes on with the stream. */
async function onlineSays(pattern: RegExp): Promise<string> {
  for (let tries = 0; tries < 20; tries++) {
    const { learning } = JSON.parse((await sluice(['status', '--data', 'd', '--json'], { cwd })).out)
    if (pattern.test(learning.online)) return learning.online
  }
  throw new Error(`online training never said ${pattern}`)
}

it('serves at once, trains beside it in a process of its own, and not again after a restart', async () => {
  const config = {
    learning: { eventsMin: 0, models: ['wdl'] },
    ranking: { fine: 'wdl', coarse: 'bootstrap', degraded: 'bootstrap' },
    server: { log: 'silent' },
  }
  writeFileSync(join(cwd, 'c.json'), JSON.stringify(config))
  const first = up()
  await first.until(/Ready in/)
  const slate = await sluice(['slate', 'home', '--data', 'd', '--json'], { cwd })
  expect(JSON.parse(slate.out).items.length).toBeGreaterThan(0)
  await first.until(/Trained wdl 000001 in .*: it (serves now|does not serve \()/)
  await stop(first)
  expect(await listed()).toMatchObject([{ name: 'wdl', version: '000001' }])

  const second = up()
  await second.until(/Ready in/)
  await new Promise((resolve) => setTimeout(resolve, 2500)) // it looks after a second
  const status = JSON.parse((await sluice(['status', '--data', 'd', '--json'], { cwd })).out)
  expect(status.learning).toEqual({ state: 'waiting', failed: {} })
  await stop(second)
  expect(await listed()).toHaveLength(1)

  const online = { ...config.learning, online: { model: 'wdl', everySeconds: 1, windowSeconds: 1 } }
  writeFileSync(join(cwd, 'c.json'), JSON.stringify({ ...config, learning: online }))
  const learning = up()
  await learning.until(/Ready in/)
  expect(await onlineSays(/wdl learns on from version|update \d+ of wdl|wdl cannot be trained online/)).toBeTruthy()
  await stop(learning)

  const third = up('--no-train')
  await third.until(/Ready in/)
  const untrained = JSON.parse((await sluice(['status', '--data', 'd', '--json'], { cwd })).out)
  expect(untrained.learning).toBeUndefined()
}, 300_000) // training stands back behind whatever else the machine does
