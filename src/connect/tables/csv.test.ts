import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderOf, importAll } from '../testing/imported.ts'

const of = async (text: string, columns?: Record<string, string>) =>
  importAll('csv', await folderOf({ 'log.csv': text }), columns ? { columns } : {})

const core = ({ user, item, kind, value, at }: Record<string, unknown>) => [user, item, kind, value, at]

describe('the csv importer', () => {
  it('knows columns by their names and finds the unit of the times', async () => {
    const all = await of(
      '\ufeffUser_ID,movieId,Rating,Timestamp,note\r\n1,m2,4.5,964982703,"a, b"\r\n1,m1,3,964982702,\r\n',
    )
    expect(all.events.map(core)).toEqual([
      ['1', 'm1', 'rating', 3, 964982702000],
      ['1', 'm2', 'rating', 4.5, 964982703000],
    ])
    expect(all.bare).toEqual(['m2', 'm1'])
    expect(all.rows).toBe(2)
  })

  it('takes kinds, other separators, milliseconds and ISO times', async () => {
    const ms = await of('visitorid\titemid\tevent\ttime\n7\ta\taddtocart\t1433221332117\n7\ta\tview\t1433221332000\n')
    expect(ms.events.map(core)).toEqual([
      ['7', 'a', 'click', undefined, 1433221332000],
      ['7', 'a', 'cart', undefined, 1433221332117],
    ])
    const iso = await of('user;product;at\nu;p;2024-05-01 10:00:00\nu;p;2024-05-01T09:00:00Z\n')
    expect(iso.events.map(core)).toEqual([
      ['u', 'p', 'click', undefined, Date.UTC(2024, 4, 1, 9)],
      ['u', 'p', 'click', undefined, Date.UTC(2024, 4, 1, 10)],
    ])
    expect((await of('user,item,at,behavior,value\nu,p,100,my-kind,2\n')).events.map(core)).toEqual([
      ['u', 'p', 'my-kind', 2, 100_000],
    ])
  })

  it('takes ratings of another scale when that is said, and refuses them where it is plain and was not', async () => {
    const rows = 'user,item,rating,at\nu,a,0,100\nu,b,"7,5",101\nu,c,10,102\nu,d,11,103\nu,e,"1,000",104\n'
    const folder = await folderOf({ 'log.csv': rows })
    const all = await importAll('csv', folder, { ratingMax: 10 })
    expect(all.events.map(({ item, value }) => [item, value])).toEqual([
      ['a', 0.5],
      ['b', 3.75],
      ['c', 5],
    ])
    expect(all.rejects.map(({ message }) => message)).toEqual([
      'log.csv line 5: has rating "11", not 0 to 10',
      'log.csv line 6: has value "1,000", which is no number',
    ])
    await expect(importAll('csv', folder)).rejects.toThrow(/log\.csv: its ratings go to 11, .* --rating-max 10/)
    const one = Array.from({ length: 200 }, (_, i) => `u,i${i},${i === 7 ? 50 : 4},100\n`).join('')
    expect((await of(`user,item,rating,at\n${one}`)).events).toHaveLength(200) // a slip, for the engine to tell
  })

  it('takes columns by option', async () => {
    const all = await of('who,what,when\nu,p,100\n', { user: 'who', item: 'what', at: 'when' })
    expect(all.events.map(core)).toEqual([['u', 'p', 'click', undefined, 100_000]])
    await expect(of('who,what,when\n', { user: 'whom' })).rejects.toThrow(/no column "whom"; it has who, what, when/)
    await expect(of('who,what,when\n', { person: 'who' })).rejects.toThrow(/"person" is none of user, item/)
    await expect(of('user,item\nu,p\n')).rejects.toThrow(/no column is the time/)
    await expect(importAll('csv', '/nowhere.csv')).rejects.toMatchObject({ code: 'ERR_IMPORT_PATH' })
  })

  it('names the way out as it is typed', async () => {
    await expect(of('who,item,at\n')).rejects.toThrow(
      /no column is the user: it has who, item, at.*--column user=COLUMN/,
    )
  })

  it('knows a catalogue, and says how items come', async () => {
    const catalogue = of('id,title,price,category\na,A,3,food\n')
    await expect(catalogue).rejects.toThrow(
      /looks like a catalogue.*import items.*import jsonl.*\{"item":\{"id":"i1","title"/,
    )
    const mapped = of('id,title,price\na,A,3\n', { item: 'id' })
    await expect(mapped).rejects.toThrow(/looks like a catalogue/)
  })

  it('says of a first line that names no columns what it is', async () => {
    const read = async (name: string) => importAll('csv', join(await folderOf({ [name]: '{"user":"u"}\n' }), name))
    await expect(read('log.jsonl')).rejects.toThrow(/line 1 should name the columns, and has a quote.*"import jsonl"/)
    await expect(read('log.csv')).rejects.toThrow(/line 1 should name the columns, and has a quote[^.]*$/)
  })

  it('rejects malformed rows by reason and line', async () => {
    const all = await of(
      'user,item,kind,value,at\nu,p,click,,100\nu,p,click,much,100\nu,,click,,100\nu,p,,,100\nu,p,click,,noon\nu,p\nu,"p,click,,100\nu,p,click,,101\n',
    )
    expect(all.rejects).toEqual([
      { code: 'ERR_ROW_NUMBER', message: 'log.csv line 3: has value "much", which is no number' },
      { code: 'ERR_ROW_FIELD', message: 'log.csv line 4: has no item' },
      { code: 'ERR_ROW_FIELD', message: 'log.csv line 5: has no kind' },
      {
        code: 'ERR_ROW_TIME',
        message: 'log.csv line 6: has time "noon", which is no time, or not in the form of the first',
      },
      { code: 'ERR_ROW_SHAPE', message: 'log.csv line 7: has 2 fields, not 5' },
      { code: 'ERR_ROW_QUOTE', message: 'log.csv line 8: has a quote that is not closed or stands wrong' },
    ])
    expect(all.events).toHaveLength(2)
    expect(all.rows).toBe(8)
  })

  it('puts the events of all files of a folder in one order, each with its own unit', async () => {
    const folder = await folderOf({
      'a.csv': 'user,item,at\nu,late,1700000002\nu,early,1700000000\n',
      'b.tsv': 'user\titem\tat\nu\tmiddle\t1700000001000\n',
      'empty.csv': '',
    })
    const all = await importAll('csv', folder)
    expect(all.events.map(({ item, at }) => [item, at])).toEqual([
      ['early', 1700000000000],
      ['middle', 1700000001000],
      ['late', 1700000002000],
    ])
    const places = all.steps.flatMap((step) => (step.put === 'event' && step.place ? [step.place] : []))
    expect(places.map(({ file, line }) => [basename(file), line])).toEqual([
      ['a.csv', 3],
      ['b.tsv', 2],
      ['a.csv', 2],
    ])
  })

  it('tells how far it is, to the last byte', async () => {
    const path = join(await folderOf({ 'log.csv': 'user,item,at\nu,p,1\n' }), 'log.csv')
    const told: [number, number][] = []
    await importAll('csv', path, { onProgress: (read, total) => told.push([read, total]) })
    expect(told.at(-1)).toEqual([19, 19])
  })
})
