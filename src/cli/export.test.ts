import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { run } from './testing/run.ts'

it('ends with an error, and leaves nothing, when the disk is full while the server takes its time', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-export-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder], { stdio: 'pipe' })
  } catch {
    console.log('skipped: cannot mount a small tmpfs')
    return context.skip()
  }
  const server = createServer(async (_, answer) => {
    answer.setHeader('content-type', 'application/x-ndjson')
    for (let i = 0; i < 3000 && !answer.destroyed; i++) {
      answer.write(`${JSON.stringify({ id: `i${i}` })}\n`)
      if (i % 500 === 499) await wait(100)
    }
    answer.end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { code, err } = await run(['export', 'items', '--url', url, '--out', 'items.jsonl'], { folder })
    expect([code, err]).toEqual([1, expect.stringMatching(/Cannot write .*items\.jsonl: ENOSPC/)])
    expect(readdirSync(folder)).toEqual([])
  } finally {
    server.close()
    server.closeAllConnections()
    execFileSync('umount', [folder])
    rmSync(folder, { recursive: true })
  }
})
