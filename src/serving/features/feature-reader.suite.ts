import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deadline } from '../../foundation/base/index.ts'
import { askOf } from './embedded.ts'
import { type Ground, rowsOf } from './testing/ground.ts'

/** What every driver of online features owes. `settle`: everything that changed can be read. */
export function featureReaderSuite(
  name: string,
  open: () => Promise<{ readonly ground: Ground; settle(): Promise<void>; close(): Promise<void> }>,
): void {
  describe(`online features, ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    beforeAll(async () => {
      opened = await open()
      await opened.settle()
    })
    afterAll(() => opened.close())

    const read = async (user: number, count: number) => {
      const { ground } = opened
      const { reader } = ground.online
      const query = ground.queryOf(user)
      const out = new Float32Array(count * reader.names.length).fill(Number.NaN)
      const reading = await reader.read(query, rowsOf(count), out, new Deadline(ground.clock, 1000))
      const wanted = new Float32Array(out.length)
      ground.features.read(askOf(query), rowsOf(count), wanted)
      return { reading, out, wanted, reader }
    }

    it.each([1, 50, 200])('reads %i candidates and their viewer as the columns say', async (count) => {
      const { reading, out, wanted, reader } = await read(3, count)
      expect(out).toEqual(wanted)
      expect(reading.groups).toEqual(reader.groups)
      expect(reading.status).toEqual(reader.groups.map(() => 'ok'))
      expect(reading.ages.every((age) => age === 0)).toBe(true)
    })

    it('reads nobody and no candidates', async () => {
      const stranger = await read(999, 20)
      expect(stranger.out).toEqual(stranger.wanted)
      expect(stranger.reading.status).not.toContain('missing')
      expect((await read(1, 0)).out.length).toBe(0)
    })

    it('sees what happened, once it is settled', async () => {
      const before = await read(4, 30)
      for (let i = 0; i < 30; i++) opened.ground.event('click', 4, (i * 7) % 240)
      await opened.settle()
      const after = await read(4, 30)
      expect(after.out).toEqual(after.wanted)
      expect(after.out).not.toEqual(before.out)
    })
  })
}
