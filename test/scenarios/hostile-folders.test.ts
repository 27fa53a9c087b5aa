import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { packageFolder, sluice, start } from './cli-process.ts'

let cwd = ''
beforeAll(() => {
  cwd = fs.mkdtempSync(join(tmpdir(), 'sluice-folders-'))
})
afterAll(() => fs.rmSync(cwd, { recursive: true, force: true }))

async function up(data: string, ...more: string[]) {
  const running = start(['up', '--data', data, '--world', 'none', '--port', '0', '--json', ...more], { cwd })
  const [, url = ''] = await running.until(/"url":"([^"]+)"/)
  return { ...running, url }
}

async function send(url: string, path: string, body: unknown, method = 'POST') {
  const answer = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape are looked into
  return { status: answer.status, body: (await answer.json()) as any }
}

/** The error that a command ends with. */
async function refusal(...words: string[]): Promise<{ code: string; message: string }> {
  const { code, err } = await sluice([...words, '--json'], { cwd })
  expect(code).toBe(1)
  return (JSON.parse(err.trim().split('\n').at(-1) ?? '') as { error: { code: string; message: string } }).error
}

const click = (n: number) => ({ id: `e${n}`, kind: 'click', user: `u${n % 9}`, item: `i${n % 30}`, at: Date.now() })
const items = Array.from({ length: 30 }, (_, i) => ({ id: `i${i}`, title: `Item ${i}` }))

describe('a data folder', () => {
  it('that cannot be made is named with what the system says', async () => {
    fs.writeFileSync(join(cwd, 'file'), '')
    for (const data of ['file', 'file/below', ...(fs.existsSync('/proc/self') ? ['/proc/sluice'] : [])]) {
      const { code, message } = await refusal('up', '--data', data, '--world', 'none', '--port', '0')
      expect(code).toBe('ERR_DATA_FOLDER')
      expect(message).toContain('choose another folder with --data')
      expect(/it lies in one: name a folder/.test(message)).toBe(data.startsWith('file'))
    }
  })

  it('of another version is left as it is', async () => {
    fs.mkdirSync(join(cwd, 'newer'))
    fs.writeFileSync(join(cwd, 'newer', 'format.json'), '{"format":99}')
    const wrong = await refusal('up', '--data', 'newer', '--port', '0')
    expect(wrong.code).toBe('ERR_DATA_VERSION')
    expect(wrong.message).toContain('written in format 99')
    expect(fs.readdirSync(join(cwd, 'newer'))).toEqual(['format.json'])
  })

  it('that something else made is not emptied; one with data of its own only when that is said twice', async () => {
    fs.mkdirSync(join(cwd, 'mine', 'models'), { recursive: true })
    fs.writeFileSync(join(cwd, 'mine', 'models', 'mine.onnx'), 'mine')
    for (const more of [[], ['--fresh'], ['--fresh', '--yes']]) {
      const { code, message } = await refusal('up', '--data', 'mine', '--port', '0', ...more)
      expect(code).toBe('ERR_DATA_FOREIGN')
      expect(message).toContain('it has models but no format.json')
    }
    expect(fs.readFileSync(join(cwd, 'mine', 'models', 'mine.onnx'), 'utf8')).toBe('mine')

    fs.writeFileSync(join(cwd, 'own.csv'), 'user,item,at\nu1,i1,2026-01-01T00:00:00Z\n')
    await sluice(['import', 'csv', 'own.csv', '--data', 'own', '--json'], { cwd })
    const asked = await sluice(['up', '--data', 'own', '--port', '0', '--fresh', '--world', 'none'], { cwd })
    expect(asked).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') })
    expect(JSON.parse((await sluice(['status', '--data', 'own', '--json'], { cwd })).out).events).toBe(1)
    const emptied = await up('own', '--fresh', '--yes')
    expect((await (await fetch(`${emptied.url}/v1/status`)).json()) as object).toMatchObject({ events: 0 })
    emptied.child.kill('SIGTERM')
    await emptied.ended
  })

  it('serves one server: a second one and an import say who has it, and a dead one has nothing', async () => {
    const server = await up('shared')
    fs.writeFileSync(join(cwd, 'two.csv'), 'user,item,at\nu1,i1,2026-01-01T00:00:00Z\nu2,i1,2026-01-02T00:00:00Z\n')
    for (const words of [
      ['up', '--port', '0'],
      ['import', 'csv', 'two.csv'],
    ]) {
      const { code, message } = await refusal(...words, '--data', 'shared')
      expect(code).toBe('ERR_DATA_IN_USE')
      expect(message).toContain(server.url)
    }
    server.child.kill('SIGKILL') // leaves lock and note behind
    await server.ended
    const imported = await sluice(['import', 'csv', 'two.csv', '--data', 'shared', '--json'], { cwd })
    expect(JSON.parse(imported.out)).toMatchObject({ rows: 2, accepted: 2 })
  })

  it('with a damaged sealed segment is refused with file and byte; a torn newest one is mended', async () => {
    fs.writeFileSync(join(cwd, 'sluice.config.json'), '{"events":{"segmentBytes":65536}}')
    const rows = Array.from({ length: 3000 }, (_, i) => `u${i % 50},i${i % 30},${1_770_000_000_000 + i}`)
    fs.writeFileSync(join(cwd, 'many.csv'), `user,item,at\n${rows.join('\n')}\n`)
    expect((await sluice(['import', 'csv', 'many.csv', '--data', 'hurt', '--json'], { cwd })).code).toBe(0)
    const journal = join(cwd, 'hurt', 'journal')
    const segments = fs
      .readdirSync(journal)
      .filter((name) => name.endsWith('.journal'))
      .sort()
    expect(segments.length).toBeGreaterThan(1)

    const newest = join(journal, segments.at(-1) as string)
    fs.truncateSync(newest, fs.statSync(newest).size - 3)
    const torn = JSON.parse((await sluice(['status', '--data', 'hurt', '--json'], { cwd })).out) as { events: number }
    expect(torn.events).toBe(2999)
    const again = JSON.parse((await sluice(['import', 'csv', 'many.csv', '--data', 'hurt', '--json'], { cwd })).out)
    expect(again).toMatchObject({ rows: 3000, accepted: 1, duplicate: 2999 })

    const oldest = join(journal, segments[0] as string)
    const bytes = fs.readFileSync(oldest)
    bytes.writeUInt8(bytes.readUInt8(700) ^ 0x10, 700)
    fs.writeFileSync(oldest, bytes)
    fs.rmSync(join(cwd, 'hurt', 'cache', 'state')) // with it nothing before it is read, and the damage does not show
    const { code, message } = await refusal('up', '--data', 'hurt', '--port', '0')
    fs.rmSync(join(cwd, 'sluice.config.json'))
    expect(code).toBe('ERR_DATA_CORRUPT')
    expect(message).toContain(segments[0])
    expect(message).toMatch(/record at byte \d+ is damaged/)
  })
})

describe('importing nothing', () => {
  it('says that there was nothing, or that it cannot be', async () => {
    for (const name of ['nothing.csv', 'nothing.parquet']) fs.writeFileSync(join(cwd, name), '')
    const { code, out } = await sluice(['import', 'csv', 'nothing.csv', '--data', 'void', '--json'], { cwd })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ rows: 0, accepted: 0, duplicate: 0, rejected: {} })
    expect((await refusal('import', 'parquet', 'nothing.parquet', '--data', 'void')).code).toBe('ERR_IMPORT_PATH')
  })
})

/** A file system of a few megabytes, or undefined where none can be mounted. */
function smallDisk(folder: string, bytes: number): (() => void) | undefined {
  fs.mkdirSync(folder)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'pipe' })
    return () => execFileSync('umount', [folder], { stdio: 'pipe' })
  } catch (error) {
    console.log(`skipped: cannot mount a small tmpfs (${String(error).split('\n')[0]})`)
    return undefined
  }
}

describe('a full disk', () => {
  it('refuses events with a sentence, goes on serving, keeps what it acknowledged, and takes events when there is room', async (test) => {
    const disk = join(cwd, 'small')
    const unmount = smallDisk(disk, 2_097_152)
    if (!unmount) return test.skip()
    let server = await up('small/data')
    try {
      expect((await send(server.url, '/v1/items', items, 'PUT')).status).toBe(200)
      const ballast = join(disk, 'ballast')
      const acknowledged: string[] = []
      fs.writeFileSync(ballast, Buffer.alloc(1_400_000))
      let refused: { status: number; body: { error: { code: string; message: string } } } | undefined
      for (let n = 0; n < 400 && !refused; n++) {
        const batch = Array.from({ length: 50 }, (_, k) => click(n * 50 + k))
        const answer = await send(server.url, '/v1/events', { events: batch })
        if (answer.status === 200) acknowledged.push(...batch.map(({ id }) => id))
        else refused = answer
      }
      expect(refused).toMatchObject({ status: 503, body: { error: { code: 'ERR_DISK_WRITE' } } })
      expect(refused?.body.error.message).toContain('Nothing was acknowledged')
      const standing = async () => (await (await fetch(`${server.url}/v1/status`)).json()) as { unwritten?: object }
      expect(await standing()).toMatchObject({ unwritten: { why: expect.stringContaining('ENOSPC') } })
      expect((await sluice(['status', '--url', server.url], { cwd })).out).toMatch(
        /disk +takes nothing since .* UTC \(ENOSPC/,
      )
      expect(acknowledged.length).toBeGreaterThan(0)
      for (let i = 0; i < 5; i++) {
        const slate = await send(server.url, '/v1/slates', { surface: 'home', limit: 5 }) // the served log is full too
        expect(slate.status).toBe(200)
        expect(slate.body.items).toHaveLength(5)
      }
      fs.rmSync(ballast)
      const retried = Array.from({ length: 50 }, (_, k) => click(1_000_000 + k))
      expect((await send(server.url, '/v1/events', { events: retried })).body).toMatchObject({ accepted: 50 })
      acknowledged.push(...retried.map(({ id }) => id))
      expect(await standing()).not.toHaveProperty('unwritten')
      server.child.kill('SIGKILL')
      await server.ended

      server = await up('small/data')
      const kept = await (await fetch(`${server.url}/v1/export/events`)).text()
      const ids = kept
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id)
      expect(ids).toEqual(acknowledged)
      server.child.kill('SIGTERM')
      expect((await server.ended).code).toBe(0)
    } finally {
      server.child.kill('SIGKILL') // while it holds the disk there is no telling what went wrong
      await server.ended
      unmount()
    }
  })

  it('in the middle of an import keeps what was taken, says how much, and the same import takes the rest', async (test) => {
    const disk = join(cwd, 'brimful')
    const unmount = smallDisk(disk, 1_048_576)
    if (!unmount) return test.skip()
    try {
      const rows = Array.from({ length: 12_000 }, (_, i) => `u${i % 500},i${i % 30},${1_770_000_000_000 + i * 1000}`)
      fs.writeFileSync(join(cwd, 'brimful.csv'), `user,item,at\n${rows.join('\n')}\n`)
      fs.writeFileSync(join(disk, 'ballast'), Buffer.alloc(300_000))
      const words = ['import', 'csv', 'brimful.csv', '--data', 'brimful/data']
      const { code, message } = await refusal(...words)
      expect(code).toBe('ERR_DISK_WRITE')
      const [, taken] =
        /ENOSPC.*\. (\d+) rows were taken before and are kept: free some space and import/.exec(message) ?? []
      expect(Number(taken)).toBeGreaterThan(0)
      fs.rmSync(join(disk, 'ballast'))
      execFileSync('mount', ['-o', 'remount,size=64m', disk])
      const report = JSON.parse((await sluice([...words, '--json'], { cwd })).out) as Record<string, number>
      expect(report).toMatchObject({ rows: 12_000, rejected: {} })
      expect(report['duplicate']).toBeGreaterThanOrEqual(Number(taken))
      expect(report['accepted']).toBe(12_000 - (report['duplicate'] as number))
    } finally {
      unmount()
    }
  })

  it('from the first byte on is told at the start', async (test) => {
    const unmount = smallDisk(join(cwd, 'tiny'), 4096 * 3)
    if (!unmount) return test.skip()
    try {
      fs.writeFileSync(join(cwd, 'tiny', 'ballast'), Buffer.alloc(4096 * 2))
      const { code, message } = await refusal('up', '--data', 'tiny/data', '--world', 'none', '--port', '0')
      expect(['ERR_DATA_FOLDER', 'ERR_DISK_WRITE']).toContain(code)
      expect(message).toMatch(/ENOSPC.*[Ff]ree some space/)
      if (code === 'ERR_DATA_FOLDER') expect(message).toContain('in the cache/ of a data folder can be made again')
    } finally {
      unmount()
    }
  })
})

describe('output that cannot be written', () => {
  const full = '/dev/full'
  const missing = !fs.existsSync(full)
  /** A command with standard output, and perhaps the log too, on a disk that is full. */
  function into(words: readonly string[], stdio: [number | 'pipe', number | 'pipe']): ChildProcess {
    const binary = join(packageFolder, 'bin', 'sluice.js')
    const env = { ...process.env, SLUICE_FAULTS: 'log-down' }
    return spawn(process.execPath, [binary, ...words], { cwd, env, stdio: ['ignore', ...stdio] })
  }

  it.skipIf(missing)('does not end a server, though its log is on the full disk', async () => {
    const disk = fs.openSync(full, 'w')
    const server = into(['up', '--data', 'logless', '--world', 'none', '--port', '0'], [disk, disk])
    const ended = once(server, 'exit')
    const note = join(cwd, 'logless', 'server.json')
    await vi.waitUntil(() => fs.existsSync(note), { timeout: 20_000 })
    const { url } = JSON.parse(fs.readFileSync(note, 'utf8')) as { url: string }
    for (let n = 0; n < 3; n++) {
      const refused = await send(url, '/v1/items', items, 'PUT') // which the log would tell
      expect(refused).toMatchObject({ status: 503, body: { error: { code: 'ERR_DISK_WRITE' } } })
      expect((await send(url, '/v1/slates', { surface: 'home', limit: 3 })).status).toBe(200)
    }
    server.kill('SIGTERM')
    expect((await ended)[0]).toBe(1) // what it had to say could not be said
    fs.closeSync(disk)
  })

  it.skipIf(missing)('ends a command with the reason and exit code 1', async () => {
    fs.writeFileSync(join(cwd, 'few.csv'), 'user,item,at\nu1,i1,2026-01-01T00:00:00Z\n')
    await sluice(['import', 'csv', 'few.csv', '--data', 'few', '--json'], { cwd })
    for (const words of [
      ['export', 'all', '--data', 'few'],
      ['status', '--data', 'few'],
    ]) {
      const disk = fs.openSync(full, 'w')
      const child = into(words, [disk, 'pipe'])
      let said = ''
      child.stderr?.on('data', (text: Buffer) => {
        said += text.toString('utf8')
      })
      expect((await once(child, 'close'))[0], said).toBe(1)
      expect(said).toMatch(/^error: Cannot write standard output: ENOSPC.* \(ERR_FILE_WRITE\)\n$/)
      fs.closeSync(disk)
    }
  })
})
