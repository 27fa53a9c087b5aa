import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Journal } from './journal.ts'

/** A journal that can be closed and opened again on what it left. */
export interface Opened {
  readonly journal: Journal
  reopen(): Promise<Journal>
}

const bytes = (text: string) => Buffer.from(text)
const texts = (journal: Journal, from?: number) =>
  [...journal.read(from)].map(({ seq, payload }) => `${seq}:${payload}`)

/** The law of `Journal`, for any driver. `open` gives a new, empty one. */
export function journalSuite(name: string, open: () => Promise<Opened>): void {
  describe(`journal: ${name}`, () => {
    let opened: Opened
    let current: Journal
    const start = async () => {
      opened = await open()
      current = opened.journal
      return current
    }
    const restart = async () => {
      await current.close()
      current = await opened.reopen()
      return current
    }
    afterEach(() => current.close())

    it('counts from 0 and shows nothing before it is on disk', async () => {
      const journal = await start()
      expect([journal.next, journal.pending]).toEqual([0, 0])
      expect([journal.append(bytes('a')), journal.append(bytes('b'))]).toEqual([0, 1])
      expect([journal.next, journal.pending, texts(journal)]).toEqual([2, 2, []])
      await journal.flushed()
      expect([journal.pending, texts(journal)]).toEqual([0, ['0:a', '1:b']])
    })

    it('copies what it takes', async () => {
      const journal = await start()
      const reused = bytes('first')
      journal.append(reused)
      reused.write('other')
      await journal.flushed()
      expect(texts(journal)).toEqual(['0:first'])
    })

    it('keeps records, empty ones and order over a restart, and counts on', async () => {
      const journal = await start()
      for (const text of ['a', '', 'c']) journal.append(bytes(text))
      await journal.flushed()
      const again = await restart()
      expect(texts(again)).toEqual(['0:a', '1:', '2:c'])
      expect(again.append(bytes('d'))).toBe(3)
      await again.flushed()
      expect(texts(again, 2)).toEqual(['2:c', '3:d'])
    })

    it('writes what is pending when it is closed, and takes nothing after', async () => {
      const journal = await start()
      journal.append(bytes('last'))
      const again = await restart()
      expect(texts(again)).toEqual(['0:last'])
      expect(() => journal.append(bytes('x'))).toThrow(TypeError)
    })

    it('reads from any seq, also past the end', async () => {
      const journal = await start()
      for (let i = 0; i < 300; i++) journal.append(bytes(`record ${i}`))
      await journal.flushed()
      for (const from of [0, 1, 137, 299, 300, 1000]) {
        expect([...journal.read(from)].map(({ seq }) => seq)).toEqual(
          Array.from({ length: 300 }, (_, i) => i).filter((seq) => seq >= from),
        )
      }
    })

    it('drops for good, keeps seqs, and never gives one out twice', async () => {
      const journal = await start()
      for (let i = 0; i < 200; i++) journal.append(bytes(`r${i}`))
      const report = await journal.rewrite(({ seq }) => seq % 3 === 0)
      expect(report).toMatchObject({ kept: 67, dropped: 133 })
      expect(report.bytes).toBeGreaterThan(0)
      const expected = Array.from({ length: 67 }, (_, i) => `${i * 3}:r${i * 3}`)
      expect(texts(journal)).toEqual(expected)
      await journal.rewrite(() => false)
      const again = await restart()
      expect([texts(again), again.next, again.append(bytes('new'))]).toEqual([[], 200, 200])
    })

    it('shows a rewrite each record once, in order, and may leave alone what is not before `until`', async () => {
      const journal = await start()
      for (let i = 0; i < 50; i++) journal.append(bytes('x'))
      const seen: number[] = []
      await journal.rewrite(({ seq }) => seen.push(seq) > 0)
      expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => i))
      await journal.rewrite(({ seq }) => seq >= 10, 10)
      expect([...journal.read()].map(({ seq }) => seq)).toEqual(seen.slice(10))
    })

    it('takes records while it rewrites', async () => {
      const journal = await start()
      for (let i = 0; i < 500; i++) journal.append(bytes(i % 2 ? 'odd' : 'even'))
      await journal.flushed()
      const rewriting = journal.rewrite(({ payload }) => payload.toString() !== 'odd')
      const appended: number[] = []
      for (let i = 0; i < 20; i++) {
        appended.push(journal.append(bytes('new')))
        await journal.flushed()
      }
      await rewriting
      expect([...journal.read()].map(({ seq }) => seq)).toEqual([
        ...Array.from({ length: 250 }, (_, i) => i * 2),
        ...appended,
      ])
    })

    it('behaves like a list, whatever is done in whatever order', async () => {
      const step = fc.oneof(
        fc.record({ do: fc.constant('append' as const), payload: fc.uint8Array({ maxLength: 40 }) }),
        fc.record({ do: fc.constant('flush' as const) }),
        fc.record({ do: fc.constant('reopen' as const) }),
        fc.record({ do: fc.constant('drop' as const), every: fc.integer({ min: 2, max: 4 }) }),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
          let journal = await start()
          let model: [number, string][] = []
          let next = 0
          try {
            for (const each of steps) {
              if (each.do === 'append') {
                expect(journal.append(each.payload)).toBe(next)
                model.push([next++, Buffer.from(each.payload).toString('hex')])
              } else if (each.do === 'flush') await journal.flushed()
              else if (each.do === 'reopen') journal = await restart()
              else {
                model = model.filter(([seq]) => seq % each.every !== 0)
                await journal.rewrite(({ seq }) => seq % each.every !== 0)
              }
            }
            await journal.flushed()
            expect([...journal.read()].map(({ seq, payload }) => [seq, payload.toString('hex')])).toEqual(model)
            expect(journal.next).toBe(next)
          } finally {
            await journal.close()
          }
        }),
        { numRuns: 40 },
      )
    })

    it('gives the first bytes of each record', async () => {
      const journal = await start()
      for (const text of ['a', '', 'longer than the head', 'x'.repeat(300)]) journal.append(bytes(text))
      await journal.flushed()
      journal.append(bytes('waits'))
      const heads = (from?: number) => Array.from(journal.heads(5, from), ({ seq, payload }) => `${seq}:${payload}`)
      expect(heads()).toEqual(['0:a', '1:', '2:longe', '3:xxxxx'])
      expect(heads(2)).toEqual(['2:longe', '3:xxxxx'])
    })

    it('tells by a mark whether a record before it went, over appends, rewrites and restarts', async () => {
      const step = fc.record({
        before: fc.integer({ min: 0, max: 30 }),
        after: fc.integer({ min: 0, max: 30 }),
        dropped: fc.array(fc.nat(60), { maxLength: 3 }),
        length: fc.nat(80),
        restarts: fc.boolean(),
      })
      await fc.assert(
        fc.asyncProperty(step, async ({ before, after, dropped, length, restarts }) => {
          await start()
          const fill = async (count: number) => {
            for (let i = 0; i < count; i++) current.append(bytes('x'.repeat(length)))
            await current.flushed()
          }
          await fill(before)
          const mark = current.mark()
          expect(mark.next).toBe(before)
          await fill(after)
          await current.rewrite(({ seq }) => !dropped.includes(seq))
          await fill(2)
          if (restarts) await restart()
          expect(current.resume(JSON.parse(JSON.stringify(mark)))).toBe(!dropped.some((seq) => seq < before))
          const total = before + after + 2
          const expected = Array.from({ length: total - before }, (_, i) => before + i).filter(
            (seq) => seq >= before + after || !dropped.includes(seq),
          )
          expect([...current.read(before)].map(({ seq }) => seq)).toEqual(expected)
          await current.close()
        }),
        { numRuns: 40 },
      )
    })
  })
}
