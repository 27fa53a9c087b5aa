import { describe, expect, it, vi } from 'vitest'
import { inTime } from './in-time.ts'

const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }

describe('inTime', () => {
  it('gives what the work gives', async () => {
    expect(await inTime(Promise.resolve(7), 1000, log, {})).toBe(7)
    await expect(inTime(Promise.reject(new Error('broken')), 1000, log, {})).rejects.toThrow('broken')
    expect(log.warn).not.toHaveBeenCalled()
  })

  it('gives up on late work, and logs when that fails afterwards', async () => {
    let fail = (_: Error) => {}
    const work = new Promise((_, reject) => {
      fail = reject
    })
    await expect(inTime(work, 5, log, { request: 'r1' })).rejects.toMatchObject({ code: 'ERR_TIMEOUT', status: 503 })
    fail(new Error('too late'))
    await new Promise((resolve) => setTimeout(resolve, 1))
    expect(log.warn).toHaveBeenCalledWith(expect.objectContaining({ request: 'r1' }), expect.any(String))
  })
})
