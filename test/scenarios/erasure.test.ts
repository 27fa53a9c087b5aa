import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { catalogue, event, NOW, platform, type TestPlatform } from './platform.ts'

const open: TestPlatform[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function filled(config: Parameters<typeof platform>[0] = {}): Promise<TestPlatform> {
  const world = await platform(config)
  open.push(world)
  await world.engine.putItems(catalogue(30))
  return world
}

/** Files of a data folder that hold a text. */
function holding(data: string, text: string): string[] {
  const files = readdirSync(data, { recursive: true }) as string[]
  return files.filter((name) => statSync(join(data, name)).isFile() && readFileSync(join(data, name)).includes(text))
}

it('takes the slates of a viewer who did nothing but look', async () => {
  const world = await filled()
  const slate = await world.engine.slate({ surface: 'home', user: 'only-looks' })
  await world.restart()
  expect(holding(world.data, 'only-looks')).not.toEqual([])
  expect(await world.engine.eraseUser('only-looks')).toMatchObject({ erased: { journal: 0, served: 1 } })
  expect(holding(world.data, 'only-looks')).toEqual([])
  expect(() => world.engine.explain(slate.slate)).toThrow(expect.objectContaining({ code: 'ERR_SLATE_NOT_FOUND' }))
  await expect(world.engine.eraseUser('only-looks')).rejects.toMatchObject({ code: 'ERR_USER_NOT_FOUND' })
})

it('takes the events of kinds that the configuration no longer names', async () => {
  const world = await filled({ events: { kinds: { wink: { strength: 1, consumes: true } } } })
  const wink = { id: 'w', kind: 'wink', user: 'winks', item: 'i1', at: NOW }
  expect(await world.engine.events([wink])).toMatchObject({ accepted: 1 })
  await world.engine.close()
  const later = await platform({}, world.data)
  open.push(later)
  expect(await later.engine.eraseUser('winks')).toMatchObject({ erased: { journal: 1 } })
  await later.engine.close()
  expect(holding(world.data, 'winks')).toEqual([])
})

it('takes no profile of a user who is being erased, and a new one once they are', async () => {
  const world = await filled()
  await world.engine.events([event('click', 'u-returns', 'i1')])
  await world.engine.putUsers([{ id: 'u-returns', country: 'NO' }])
  let done = false
  const erased = world.engine.eraseUser('u-returns').finally(() => {
    done = true
  })
  const codes = new Set<string>()
  for (let n = 0; !done; n++) {
    const { rejected } = await world.engine.putUsers([{ id: 'u-returns', age: 20 + (n % 50) }])
    for (const { code } of rejected) codes.add(code)
    await turn()
  }
  expect(await erased).toMatchObject({ erased: { journal: 2 } })
  expect([...codes]).toEqual(['ERR_USER_ERASING'])
  expect(holding(world.data, 'u-returns')).toEqual([])
  await world.restart()
  expect(() => world.engine.user('u-returns')).toThrow(expect.objectContaining({ code: 'ERR_USER_NOT_FOUND' }))
  await world.engine.putUsers([{ id: 'u-returns', country: 'SE' }])
  await world.restart()
  expect(world.engine.user('u-returns')).toMatchObject({ country: 'SE', historyLength: 0 })
})

it('answers whoever asks for an erasure that is under way with what it comes to', async () => {
  const world = await filled()
  await world.engine.events([event('click', 'u-twice', 'i1')])
  const [one, two] = await Promise.all([world.engine.eraseUser('u-twice'), world.engine.eraseUser('u-twice')])
  expect(one).toMatchObject({ erased: { journal: 1 } })
  expect(two).toEqual(one)
})

it('takes the slates of a log that is written no longer, and what was put aside as damaged', async () => {
  const users = ['left-1', 'left-2', 'left-3']
  const world = await filled()
  await world.engine.events(users.slice(1).map((user) => event('click', user, 'i1')))
  for (const user of users) await world.engine.slate({ surface: 'home', user })
  await world.engine.close()
  mkdirSync(join(world.data, 'served.damaged-7'))
  writeFileSync(join(world.data, 'served.damaged-7', 'x'), '"user":"left-2"')
  const later = await platform({ events: { servedLog: false } }, world.data)
  open.push(later)
  const erased = await Promise.all(users.map((user) => later.engine.eraseUser(user)))
  expect(erased.map((one) => one.erased.served)).toEqual([1, 1, 1])
  await later.engine.close()
  for (const user of users) expect(holding(world.data, user)).toEqual([])
})
