import { spawnSync } from 'node:child_process'
import { setFlagsFromString } from 'node:v8'
import { afterEach, expect, it, vi } from 'vitest'
import { roomyHeap, roomyHeapFlag } from './roomy-heap.ts'

vi.mock('node:v8', () => ({ setFlagsFromString: vi.fn() }))
const began = process.execArgv
afterEach(() => {
  process.execArgv = began
  vi.mocked(setFlagsFromString).mockClear()
})

it('lets the heap grow, but for a process that was started with a wish of its own', () => {
  process.execArgv = ['--enable-source-maps']
  roomyHeap()
  expect(setFlagsFromString).toHaveBeenCalledExactlyOnceWith(roomyHeapFlag)
  process.execArgv = ['--heap-growing-percent=50']
  roomyHeap()
  expect(setFlagsFromString).toHaveBeenCalledOnce()
})

it('asks for what this V8 knows: it says so of what it does not', () => {
  const said = (flag: string) => {
    const code = `require('node:v8').setFlagsFromString(${JSON.stringify(flag)})`
    return spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' }).stderr
  }
  expect(said(roomyHeapFlag)).toBe('')
  expect(said('--heap-growing-promille=200')).toContain('heap-growing-promille')
})
