import { afterEach, expect, it, vi } from 'vitest'
import { processTerminal } from './terminal.ts'

const terminal = processTerminal()

afterEach(() => {
  vi.restoreAllMocks()
})

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s stops once; a second signal ends at once and says so',
  (signal) => {
    const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never)
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const now = vi.spyOn(performance, 'now').mockReturnValue(0)
    let stops = 0
    const release = terminal.onStop(() => stops++)
    process.emit(signal)
    now.mockReturnValue(100) // the same Ctrl-C, through the npm that started it
    process.emit('SIGINT')
    expect([stops, exit.mock.calls.length]).toEqual([1, 0])
    now.mockReturnValue(2000)
    process.emit(signal)
    expect(said).toHaveBeenCalledWith('Stopped at once: what was under way is cut off\n')
    expect(exit).toHaveBeenCalledWith(130)
    release()
    expect(process.listenerCount(signal)).toBe(0)
  },
)
