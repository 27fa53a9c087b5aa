import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Meter } from '../files.ts'
import { folderOf } from '../testing/imported.ts'
import { LINE_BYTES_MAX } from './lines.ts'
import { QUOTED_LINES_MAX, type Row, type RowFormat, rowBatches } from './rows.ts'

const comma: RowFormat = { separator: ',', quotes: true, encoding: 'utf8' }

async function rowsOf(content: string | Buffer, format = comma): Promise<Row[]> {
  const file = join(await folderOf({ table: content }), 'table')
  const rows: Row[] = []
  for await (const batch of rowBatches(file, format, await Meter.of([file], {}))) rows.push(...batch)
  return rows
}

describe('rowBatches', () => {
  it('reads quotes, CRLF, a byte order mark, empty lines and a last line without an end', async () => {
    expect(await rowsOf('\ufeffa,b\r\n1,"x, y"\r\n\r\n2,"say ""hi"""\r\n3,"two\r\nlines"\r\n4,z')).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 2, fields: ['1', 'x, y'] },
      { line: 4, fields: ['2', 'say "hi"'] },
      { line: 5, fields: ['3', 'two\nlines'] },
      { line: 7, fields: ['4', 'z'] },
    ])
    expect(await rowsOf('')).toEqual([])
    expect(await rowsOf('\n\n')).toEqual([])
  })

  it('rejects one line for a stray quote and goes on with the next', async () => {
    const rows = await rowsOf('1,"open\n2,b\n3,x"y\n4,"x"y\n5,ok\n')
    expect(rows.map((row) => ('code' in row ? row.code : row.fields[0]))).toEqual([
      'ERR_ROW_QUOTE',
      '2',
      'ERR_ROW_QUOTE',
      'ERR_ROW_QUOTE',
      '5',
    ])
    const many = await rowsOf(`1,"open\n${'2,b\n'.repeat(QUOTED_LINES_MAX * 3)}`)
    expect(many.filter((row) => 'fields' in row)).toHaveLength(QUOTED_LINES_MAX * 3)
  })

  it('rejects bytes that are no UTF-8 and reads them as Latin-1 where that is the encoding', async () => {
    const bytes = Buffer.from('1,caf\u00e9\n2,tea\n', 'latin1')
    expect(await rowsOf(bytes)).toEqual([
      { line: 1, code: 'ERR_ROW_ENCODING', why: 'is no utf8' },
      { line: 2, fields: ['2', 'tea'] },
    ])
    const within = Buffer.concat([Buffer.from('1,"a\n'), Buffer.from('\u00e9"\n2,b\n', 'latin1')])
    expect((await rowsOf(within)).map((row) => ('code' in row ? row.code : row.line))).toEqual(['ERR_ROW_ENCODING', 3])
    expect((await rowsOf(bytes, { ...comma, encoding: 'latin1' }))[0]).toEqual({ line: 1, fields: ['1', 'caf\u00e9'] })
  })

  it('takes text that holds the sign for broken bytes, which older programs left in it', async () => {
    expect(await rowsOf('1,caf\ufffd\n2,"a \ufffd, b"\n')).toEqual([
      { line: 1, fields: ['1', 'caf\ufffd'] },
      { line: 2, fields: ['2', 'a \ufffd, b'] },
    ])
    const beside = Buffer.concat([
      Buffer.from('1,\ufffd\n2,'),
      Buffer.from([0xe9]),
      Buffer.from('\r\n3,"\ufffd\n'),
      Buffer.from([0xff]),
      Buffer.from('"\r\n4,d'),
    ])
    expect(
      (await rowsOf(beside)).map((row) => ('code' in row ? [row.line, row.code] : [row.line, row.fields[1]])),
    ).toEqual([
      [1, '\ufffd'],
      [2, 'ERR_ROW_ENCODING'],
      [3, 'ERR_ROW_ENCODING'],
      [5, 'd'],
    ])
  })

  it('passes over a line that is too long, wherever its chunks end', async () => {
    const rows = await rowsOf(`a,1\n${'x'.repeat(3 * LINE_BYTES_MAX)}\nb,2\n${'y'.repeat(LINE_BYTES_MAX + 1)}`)
    expect(rows.map((row) => ('code' in row ? row.code : row.fields.join()))).toEqual([
      'a,1',
      'ERR_ROW_LONG',
      'b,2',
      'ERR_ROW_LONG',
    ])
    expect(rows.map((row) => row.line)).toEqual([1, 2, 3, 4])
  })

  it('reads a table of many chunks as csv-parse reads it whole', async () => {
    const words = ['plain', 'caf\u00e9 \u6f22\u5b57', '"a, b"', '"line\nbreak"', '"q""q"', '']
    const text = Array.from({ length: 40_000 }, (_, i) => `${i},${words[i % 6]},${words[(i * 7) % 5]}`).join('\n')
    const rows = await rowsOf(text)
    expect(rows.map((row) => ('fields' in row ? row.fields : row))).toEqual(parse(text))
  })

  it('gives back what was quoted, whatever the fields are', async () => {
    const field = fc.stringMatching(/^[a-c",\n \u00e9]{0,6}$/)
    const table = fc.array(fc.tuple(field, field, fc.constantFrom('z', 'y')), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(table, async (fields) => {
        const text = fields.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join()).join('\n')
        expect((await rowsOf(text)).map((row) => ('fields' in row ? row.fields : row))).toEqual(fields)
      }),
      { numRuns: 60 },
    )
  })
})
